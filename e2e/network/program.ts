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

export interface CommandOptions {
  name: string;
  /** A program and its arguments. */
  command: readonly [string, ...string[]];
  cwd?: string;
  /** The whole environment. */
  env: NodeJS.ProcessEnv;
}

const running = new Set<number>();

// The last line of defence: a harness that throws or is stopped leaves no process behind.
process.on("exit", () => {
  for (const pid of running) killGroup(pid);
});

/** A program of this repository, on the Node that runs this. */
export function startProgram({ name, file, args, environment }: ProgramOptions): Program {
  const env = { ...process.env, ...environment };
  return startCommand({ name, command: [process.execPath, file, ...args], env });
}

/** Any program whose output is that of one of ours. */
export function startCommand(options: CommandOptions): Program {
  const [program, ...args] = options.command;
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    cwd: options.cwd,
    env: options.env,
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
