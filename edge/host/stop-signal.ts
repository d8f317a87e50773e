const PARENT_POLL_MS = 500;

/**
 * Resolves with the reason once this process should stop: SIGINT, SIGTERM, or the end of the `npm run` that started it,
 * whose shell does not pass signals on. A second signal ends the process at once.
 */
export function waitForStop(environment: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve) => {
    let stopping = false;
    const stop = (reason: string) => {
      if (stopping) process.exit(1);
      stopping = true;
      resolve(reason);
    };
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, stop);
    if (environment.npm_lifecycle_event === undefined) return;
    const parent = process.ppid;
    const poll = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(poll);
      stop("npm ended");
    }, PARENT_POLL_MS);
    poll.unref();
  });
}
