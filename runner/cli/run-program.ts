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

/** What works for months is not loaded with what other commands need. */
const LASTING: Record<string, () => Promise<(program: Command) => void>> = {
  start: async () => (await import("./start-command.ts")).addStartCommand,
  aggregate: async () => (await import("../aggregate/aggregate-command.ts")).addAggregateCommand,
};

async function loadProgram(command = ""): Promise<Command> {
  const lasting = Object.hasOwn(LASTING, command) ? LASTING[command] : undefined;
  if (lasting === undefined) return (await import("./program.ts")).createProgram();
  const { createBaseProgram } = await import("./base-program.ts");
  const program = createBaseProgram();
  (await lasting())(program);
  return program;
}
