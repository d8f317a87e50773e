import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";

/** File descriptor of the channel to the runner in every child: after the three standard ones. */
export const CHANNEL_FD = 3;

/**
 * Starts a child with a channel to this process and an error stream, which whoever starts it must read.
 *
 * @param more what stands behind the channel, from the file descriptor after its own
 */
export function spawnChild(
  [program = "", ...args]: readonly string[],
  env: Record<string, string>,
  more: readonly "pipe"[] = [],
): ChildProcess {
  const stdio: StdioOptions = ["ignore", "ignore", "pipe", "ipc", ...more];
  return spawn(program, args, { stdio, serialization: "advanced", env, windowsHide: true });
}
