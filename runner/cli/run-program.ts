import { setFlagsFromString } from "node:v8";
import { createProgram } from "./program.ts";

/**
 * Answers the command line. Models never run in this process; the one WebAssembly module in it reads HTTP heads for
 * `fetch`, and is fast enough as it comes: to have it optimized, after a few polls, would take V8 another 13 MB for good.
 */
export async function runProgram(): Promise<void> {
  setFlagsFromString("--wasm-tiering-budget=2000000000");
  await createProgram().parseAsync();
}
