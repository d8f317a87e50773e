import { fork } from "node:child_process";
import { type Challenge, ChallengeAnswer } from "@infernet/schemas/challenge";
import { entryPath } from "../../entry-path.ts";
import { childEnvironment } from "../../sandbox/child-environment.ts";

/**
 * Works a challenge in a process of its own, a thread for each chain. Rejects with the signal's reason when it is aborted.
 */
export function workChallenge(challenge: Challenge, signal: AbortSignal): Promise<ChallengeAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<ChallengeAnswer>();
  if (signal.aborted) return Promise.reject(signal.reason);
  const child = fork(entryPath("hardware/challenge/challenge-child"), [], {
    serialization: "advanced",
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    execArgv: [],
    env: childEnvironment(process.env, { UV_THREADPOOL_SIZE: String(challenge.chains) }),
  });
  const stop = (): void => {
    child.kill("SIGKILL");
    reject(signal.reason);
  };
  signal.addEventListener("abort", stop, { once: true });
  child.once("message", (message) => {
    const answer = ChallengeAnswer.safeParse(message);
    if (answer.success) resolve(answer.data);
    else reject(new Error("the process that works the challenge gave no answer"));
  });
  child.once("error", reject);
  child.once("exit", (code, by) => {
    signal.removeEventListener("abort", stop);
    reject(new Error(`the process that works the challenge ended with ${by ?? code}`));
  });
  child.send(challenge, () => undefined);
  return promise;
}
