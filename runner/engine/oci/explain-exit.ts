import { EngineFailure } from "../engine-failure.ts";
import { quote } from "./frame.ts";

export interface ContainerExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The end of what it wrote to its standard error, on one line. */
  stderr: string;
  memory_bytes: number;
}

/** What the engine itself reports: it failed, or the image's program cannot be run, or is not there. */
const NOT_STARTED = 125;
const NOT_RUNNABLE = [126, 127];
/** 128 and the number of the signal that ended it. */
const KILLED = 137;
const BAD_SYSTEM_CALL = 159;

/** Why a container ended that nobody told to: words for a crash, or a failure with a code of its own. */
export function explainExit({ code, signal, stderr, memory_bytes }: ContainerExit): string | EngineFailure {
  const said = stderr === "" ? "" : `; the end of its standard error: ${quote(stderr)}`;
  if (signal !== null) return `was killed by ${signal}${said}`;
  switch (code) {
    case NOT_STARTED:
      return `could not be started${said}`;
    case NOT_RUNNABLE[0]:
    case NOT_RUNNABLE[1]:
      return new EngineFailure("model_unloadable", `the image's program cannot be run${said}`);
    case KILLED:
      return new EngineFailure(
        "out_of_memory",
        `the container was killed, as it is at its limit of ${Math.floor(memory_bytes / 1024 ** 2)} MiB of memory; the manifest's memory_bytes says how much it gets${said}`,
      );
    case BAD_SYSTEM_CALL:
      return new EngineFailure(
        "sandbox_violation",
        `the container made a system call that it may not make${said}`,
      );
    default:
      return `ended with exit code ${code}${said}`;
  }
}
