import { spawn } from "node:child_process";
import { type LogStream, readLogStream } from "./log-stream.ts";

/** A Node program with `--json` output, run as a process of its own. */
export interface Program extends LogStream {
  pid: number;
  /** The exit code, null when a signal ended it. */
  exited: Promise<number | null>;
  /** SIGTERM, and waits for the end. */
  stop: () => Promise<number | null>;
  /** SIGKILL to the program and every process it started. */
  kill: () => Promise<void>;
}

export interface ProgramOptions {
  name: string;
  /** Path of a TypeScript file. */
  file: string;
  args: readonly string[];
  environment?: Record<string, string>;
}

const running = new Set<number>();

// The last line of defence: a harness that throws or is stopped leaves no process behind.
process.on("exit", () => {
  for (const pid of running) killGroup(pid);
});

export function startProgram(options: ProgramOptions): Program {
  const child = spawn(process.execPath, [options.file, ...options.args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...options.environment },
    // A process group of its own, so that one signal reaches its children as well.
    detached: true,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${options.name} did not start`);
  running.add(pid);
  const exited = new Promise<number | null>((resolve) => {
    child.once("exit", (code) => {
      running.delete(pid);
      resolve(code);
    });
  });
  return {
    ...readLogStream([child.stdout, child.stderr], options.name),
    pid,
    exited,
    stop: () => {
      child.kill("SIGTERM");
      return exited;
    },
    kill: async () => {
      killGroup(pid);
      await exited;
    },
  };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The group is gone already.
  }
}
