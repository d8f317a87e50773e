/** The exit code of a process that a second signal ended: 128 and SIGINT, as shells have it. */
const EXIT_CODE_QUIT = 130;

/** The first SIGTERM or SIGINT asks to stop; the second ends the process, whatever it is doing. */
export function onStopSignals(stop: () => void): () => void {
  let isStopping = false;
  const onSignal = (): void => {
    if (isStopping) process.exit(EXIT_CODE_QUIT);
    isStopping = true;
    stop();
  };
  process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
  return () => {
    process.off("SIGTERM", onSignal).off("SIGINT", onSignal);
  };
}
