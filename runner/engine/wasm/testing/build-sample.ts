import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Bytes } from "@infernet/schemas/digest";

const run = promisify(execFile);

/** The samples of docs/wasm.md. */
const SAMPLES = fileURLToPath(new URL("../../../../docs/wasm/", import.meta.url));
const ASC = fileURLToPath(import.meta.resolve("assemblyscript/asc")).replace(/dist.*$/, "bin/asc.js");

/** The commands of docs/wasm.md, which a test there holds them to; `OUT` stands for the module that they make. */
export const BUILD_COMMANDS = {
  "c/edges.c": "clang --target=wasm32 -O2 -mbulk-memory -nostdlib -Wl,--no-entry -o OUT edges.c",
  "assemblyscript/words.ts": "asc words.ts -O3 --runtime stub --use abort=infernet/abort --outFile OUT",
  "wasi/sentiment.c": "clang --target=wasm32-wasi -O2 -Wl,--strip-all -o OUT sentiment.c",
} as const;

export type Sample = keyof typeof BUILD_COMMANDS;

/** Builds a sample as its page says. Throws what the compiler says. */
export async function buildSample(sample: Sample): Promise<Bytes> {
  const dir = await mkdtemp(join(tmpdir(), "infernet-build-"));
  try {
    const out = join(dir, "out.wasm");
    const [program = "", ...words] = BUILD_COMMANDS[sample].split(" ");
    const args = words.map((word) => (word === "OUT" ? out : word));
    const cwd = dirname(join(SAMPLES, sample));
    await (program === "asc" ? run(process.execPath, [ASC, ...args], { cwd }) : run(program, args, { cwd }));
    return new Uint8Array(await readFile(out));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** A sample in C, or why it cannot be built on this machine. */
export async function tryBuildSample(sample: Sample): Promise<Bytes | string> {
  try {
    return await buildSample(sample);
  } catch (error) {
    const reason = String(error instanceof Error ? error.message : error).split("\n");
    return `${sample} cannot be built here: ${reason.find((line) => /error|ENOENT/.test(line)) ?? reason[0]}`;
  }
}
