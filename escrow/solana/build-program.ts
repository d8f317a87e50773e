import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileBpf } from "./clang.ts";
import { link } from "./linker/link.ts";

/** Builds a program from its C file. Throws with the compiler's words, or LinkError. */
export function buildProgram(
  source: string,
  flags: readonly string[] = ["-Wall", "-Wextra", "-Werror"],
): Uint8Array<ArrayBuffer> {
  const folder = mkdtempSync(join(tmpdir(), "infernet-escrow-"));
  try {
    const object = join(folder, "program.o");
    compileBpf(source, object, flags);
    return link(readFileSync(object));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
