import { type ChildProcess, execFile, type SpawnOptions, spawn } from "node:child_process";
import { tmpdir } from "node:os";
import type { Readable } from "node:stream";
import { LIMITS } from "@infernet/schemas/limits";

/** Programs that run containers and understand the same arguments, in the order of preference. */
export const CONTAINER_CLIS = ["podman", "docker", "nerdctl"] as const;
export type ContainerCliName = (typeof CONTAINER_CLIS)[number];

/** The program refused, or did not answer in time: `message` is what it said last. */
export class CliRefused extends Error {
  /** Null where it did not end by itself. */
  readonly exit_code: number | null;
  readonly printed: string;

  constructor(message: string, exit_code: number | null, printed: string, options: ErrorOptions) {
    super(message, options);
    this.exit_code = exit_code;
    this.printed = printed;
  }
}

export interface CallOptions {
  timeout_ms?: number;
  /** Read by the program as its standard input. */
  stdin?: Readable;
  signal?: AbortSignal;
}

/** A container engine, spoken to by its command line: no shell between, and no socket library. */
export interface ContainerCli {
  readonly name: ContainerCliName;
  /** Runs a short command and returns what it printed. Throws `CliRefused`. */
  call(args: readonly string[], options?: CallOptions): Promise<string>;
  /** Starts a command that lives as long as its container. */
  start(args: readonly string[], stdio: SpawnOptions["stdio"]): ChildProcess;
}

/** Podman's monitor leaves a file where it was started, named `oom`, when a container is out of memory. */
const WORKING_FOLDER = tmpdir();
const PRINTED_BYTES_MAX = 4 * 1024 * 1024;

export function createContainerCli(name: ContainerCliName): ContainerCli {
  return {
    name,
    call: (args, { timeout_ms = LIMITS.oci_command_ms_max, stdin, signal } = {}) =>
      new Promise((resolve, reject) => {
        const options = {
          cwd: WORKING_FOLDER,
          timeout: timeout_ms,
          maxBuffer: PRINTED_BYTES_MAX,
          killSignal: "SIGKILL",
        } as const;
        const child = execFile(
          name,
          args,
          signal ? { ...options, signal } : options,
          (error, stdout, stderr) => {
            if (error === null) return resolve(stdout.trim());
            const exit_code = typeof error.code === "number" ? error.code : null;
            const message = explain(name, args, error, stderr, timeout_ms);
            reject(new CliRefused(message, exit_code, stdout, { cause: error }));
          },
        );
        if (child.stdin === null) return;
        // A program that has seen enough closes its input; how it ends says the rest.
        child.stdin.on("error", () => undefined);
        if (stdin) stdin.once("error", () => child.kill("SIGKILL")).pipe(child.stdin);
        else child.stdin.end();
      }),
    // In a process group of its own: Ctrl-C on the runner drains it, and must not end its containers at once.
    start: (args, stdio) => spawn(name, args, { cwd: WORKING_FOLDER, stdio, detached: true }),
  };
}

function explain(
  name: string,
  args: readonly string[],
  error: Error & { killed?: boolean; code?: unknown },
  stderr: string,
  timeout_ms: number,
): string {
  if (error.code === "ENOENT") return `there is no program '${name}'`;
  const command = `${name} ${args.slice(0, 2).join(" ")}`;
  if (error.killed === true && stderr.trim() === "") return `'${command}' took longer than ${timeout_ms} ms`;
  const said = lastLines(stderr, LIMITS.oci_stderr_chars_kept);
  return said === "" ? `'${command}' failed: ${error.message}` : `'${command}' said: ${said}`;
}

/** The end of a text, on one line. */
export const lastLines = (text: string, chars_max: number): string =>
  text
    .trim()
    .replaceAll(/\s*\n\s*/g, "; ")
    .slice(-chars_max);
