import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Address, generateKeyPairSigner, type Instruction } from "@solana/kit";
import { buildProgram } from "../build-program.ts";
import { compileNative } from "../clang.ts";
import { type Chain, createChain } from "../testing/chain.ts";
import { createRandom, type Random } from "./random.ts";
import { writeFunctions } from "./write-functions.ts";

export interface Comparison {
  evaluations: number;
  /** A few of the calls that came to something else: `f12(1, 2, 3) is 4, on chain 5`. */
  mismatches: string[];
}

/** Function, then three arguments. */
type Call = readonly [bigint, bigint, bigint, bigint];

const FUNCTIONS = 60;
const CALLS_EACH = 12;
/** As many as a transaction has room for. */
const CALLS_AT_ONCE = 24;

const NATIVE = `#include <stdio.h>
#include "functions.c"
int main(void) {
  u64 i, a, b, c;
  while (scanf("%llu %llu %llu %llu", &i, &a, &b, &c) == 4) printf("%llu\\n", run(i, a, b, c));
}
`;

const ON_CHAIN = `#include "functions.c"
extern void sol_set_return_data(const u8 *, u64);
u64 entrypoint(const u8 *input) {
  u64 len = *(const u64 *)(input + 8), *results = (u64 *)0x300000000ULL;
  const u64 *calls = (const u64 *)(input + 16);
  for (u64 k = 0; k * 32 < len; k++)
    results[k] = run(calls[4 * k], calls[4 * k + 1], calls[4 * k + 2], calls[4 * k + 3]);
  sol_set_return_data((const u8 *)results, len / 4);
  return 0;
}
`;

/**
 * Builds random functions for this machine and for the chain's, calls both, and compares. What differs is a fault of the
 * compiler, its flags or the linker.
 */
export async function compareBuilds(seed: number): Promise<Comparison> {
  const random = createRandom(seed);
  const folder = mkdtempSync(join(tmpdir(), "infernet-fuzz-"));
  try {
    writeFileSync(join(folder, "functions.c"), writeFunctions(random, FUNCTIONS));
    writeFileSync(join(folder, "native.c"), NATIVE);
    writeFileSync(join(folder, "chain.c"), ON_CHAIN);
    compileNative(join(folder, "native.c"), join(folder, "native"), ["-w", "-O1", "-fwrapv"]);
    const program = buildProgram(join(folder, "chain.c"), ["-w", "-fwrapv"]);
    const calls = drawCalls(random);
    const input = calls.map((call) => call.join(" ")).join("\n");
    const native = execFileSync(join(folder, "native"), { input, encoding: "utf8" }).trim().split("\n");
    const onChain = await runOnChain(program, calls);
    const mismatches = calls.flatMap(([f, ...args], i) => {
      const [expected, found] = [BigInt(native[i] ?? -1), onChain[i]];
      return found === expected ? [] : [`f${f}(${args.join(", ")}) is ${expected}, on chain ${found}`];
    });
    return { evaluations: calls.length, mismatches };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Where widths and signs end. */
const EDGES = [0n, 1n, 255n, 65_535n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n].concat([
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
]);

function drawCalls(random: Random): Call[] {
  const anything = (): bigint => (BigInt(random.below(2 ** 32)) << 32n) | BigInt(random.below(2 ** 32));
  const argument = (): bigint => (random.below(3) > 0 ? random.pick(EDGES) : anything());
  return Array.from({ length: FUNCTIONS * CALLS_EACH }, (_, i) => [
    BigInt(i % FUNCTIONS),
    argument(),
    argument(),
    argument(),
  ]);
}

async function runOnChain(program: Uint8Array, calls: readonly Call[]): Promise<bigint[]> {
  const chain = await createChain("mainnet");
  const { address } = await generateKeyPairSigner();
  chain.svm.addProgram(address, program);
  const results: bigint[] = [];
  for (let at = 0; at < calls.length; at += CALLS_AT_ONCE) {
    results.push(...(await callOnChain(chain, address, calls.slice(at, at + CALLS_AT_ONCE))));
  }
  return results;
}

async function callOnChain(chain: Chain, program: Address, calls: readonly Call[]): Promise<bigint[]> {
  const data = new Uint8Array(calls.length * 32);
  const view = new DataView(data.buffer);
  for (const [i, value] of calls.flat().entries()) view.setBigUint64(8 * i, value, true);
  const { return_data } = await chain.send([allUnits(), { programAddress: program, accounts: [], data }]);
  // Zeros at the end are not returned.
  const whole = new Uint8Array(calls.length * 8);
  whole.set(return_data);
  const words = new DataView(whole.buffer);
  return calls.map((_, i) => words.getBigUint64(8 * i, true));
}

/** The compute budget program's limit (instruction 2), at its largest. */
function allUnits(): Instruction {
  const data = new Uint8Array(5);
  data[0] = 2;
  new DataView(data.buffer).setUint32(1, 1_400_000, true);
  return { programAddress: "ComputeBudget111111111111111111111111111111" as Address, accounts: [], data };
}
