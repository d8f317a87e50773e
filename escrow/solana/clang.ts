import { execFileSync, spawnSync } from "node:child_process";

/** The compiler that the committed program was built with. Another would build other bytes, and was not tested. */
const CLANG = "clang-19";

/** Why nothing can be built here, or null where it can. */
export function whyNoClang(): string | null {
  return spawnSync(CLANG, ["--version"]).status === 0 ? null : `${CLANG} is not installed`;
}

/**
 * `-mcpu=v2` keeps LLVM to 64-bit arithmetic, which sBPF computes as LLVM means it. The machine gives each function 4 KiB of
 * stack. Jump tables and built-in functions would need what the linker refuses.
 */
const BPF_FLAGS = [
  "-target",
  "bpf",
  "-mcpu=v2",
  "-O2",
  "-fno-unroll-loops",
  "-ffreestanding",
  "-fno-builtin",
  "-fno-jump-tables",
  "-fno-strict-aliasing",
  "-mllvm",
  "-bpf-stack-size=4096",
];

/** Compiles one C file to a BPF object. Throws with the compiler's words. */
export function compileBpf(source: string, object: string, flags: readonly string[]): void {
  compile([...BPF_FLAGS, ...flags, "-c", source, "-o", object]);
}

/** Compiles one C file to a program of this machine. */
export function compileNative(source: string, program: string, flags: readonly string[]): void {
  compile([...flags, source, "-o", program]);
}

function compile(args: readonly string[]): void {
  execFileSync(CLANG, args, { stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
}
