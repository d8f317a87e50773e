import { RUNNER_ERRORS, RunnerError } from "../runner-error.ts";
import type { Log } from "../work/runner-event.ts";
import { createHumanLog } from "./human-log.ts";

/** Runs a command; what stops it is logged as its last event, and gives the process its exit code. */
export async function reporting(log: Log, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error;
    const { exit_code, hint } = RUNNER_ERRORS[error.code];
    log({ event: "fatal", code: error.code, detail: error.message, hint });
    process.exitCode = exit_code;
  }
}

/** For commands whose standard output is their answer. */
export const createErrorLog = (): Log =>
  createHumanLog(
    (line) => process.stderr.write(line),
    () => new Date(),
  );
