import { setFlagsFromString } from "node:v8";
import type { Command } from "commander";

/**
 * Answers the command line. Models never run in this process; the one WebAssembly module in it reads HTTP heads for
 * `fetch`, and is fast enough as it comes: to have it optimized, after a few polls, would take V8 another 13 MB for good.
 */
export async function runProgram(): Promise<void> {
  setFlagsFromString("--wasm-tiering-budget=2000000000");
  await (await loadProgram(process.argv[2])).parseAsync();
}

/** A runner works for months: it is not loaded with what other commands need. */
async function loadProgram(command: string | undefined): Promise<Command> {
  if (command !== "start") return (await import("./program.ts")).createProgram();
  const { createBaseProgram } = await import("./base-program.ts");
  const { addStartCommand } = await import("./start-command.ts");
  const program = createBaseProgram();
  addStartCommand(program);
  return program;
}
