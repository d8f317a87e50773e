import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { buildProgram } from "./build-program.ts";
import { whyNoClang } from "./clang.ts";
import allowed from "./mutants.json" with { type: "json" };
import { findMutants, type Mutant } from "./mutation/find-mutants.ts";

/**
 * Takes each guard of the program away, turns each comparison, and runs the tests against what that makes: a change that no
 * test notices is a survivor. Exits 1 when one has no written reason in mutants.json, or a reason has no survivor. Given
 * words, only mutants whose names hold one of them are tried, and stale reasons are not looked for.
 */
const HERE = import.meta.dirname;
const ROOT = join(HERE, "../..");
const PROGRAM = join(HERE, "program");

/** Which tests are likely to notice, so that most mutants do not meet the rest. */
const NEAR: Record<string, readonly string[]> = {
  "escrow.h": ["open", "top-up", "refund"],
  "release.h": ["release", "voucher", "bonded-payees"],
  "bond.h": ["bond", "slash", "bonded-payees"],
  "evidence.h": ["voucher", "slash"],
  "token.h": ["open", "release"],
  "accounts.h": ["open", "refund"],
  "escrow.c": ["entrypoint"],
  "solana.h": ["entrypoint"],
};
const TESTS = [
  "open",
  "top-up",
  "release",
  "voucher",
  "bonded-payees",
  "refund",
  "bond",
  "slash",
  "entrypoint",
];

type Outcome = "killed" | "survived" | "the same program" | "not C";

const reason = whyNoClang();
if (reason !== null) {
  console.error(`No mutants without the compiler: ${reason}.`);
  process.exit(1);
}

const words = process.argv.slice(2);
const original = buildProgram(join(PROGRAM, "escrow.c"));
const mutants = readdirSync(PROGRAM)
  .flatMap((file) => findMutants(file, readFileSync(join(PROGRAM, file), "utf8")))
  .filter(({ id }) => words.length === 0 || words.some((word) => id.includes(word)));
const outcomes = new Map<Mutant, Outcome>();
const queue = [...mutants];

if (await passes(join(HERE, "escrow.so"), TESTS)) {
  await Promise.all(Array.from({ length: availableParallelism() }, drain));
  report();
} else {
  console.error("The tests fail with the program as it is.");
  process.exitCode = 1;
}

async function drain(): Promise<void> {
  for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
    const outcome = await tryOut(mutant);
    outcomes.set(mutant, outcome);
    if (outcome !== "killed") console.log(`${outcome}: ${mutant.id}`);
    if (outcomes.size % 20 === 0) console.log(`${outcomes.size} of ${mutants.length} tried`);
  }
}

async function tryOut(mutant: Mutant): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "infernet-mutant-"));
  try {
    cpSync(PROGRAM, folder, { recursive: true });
    writeFileSync(join(folder, mutant.file), mutant.text);
    const program = build(join(folder, "escrow.c"));
    if (program === null) return "not C";
    if (Buffer.from(original).equals(program)) return "the same program";
    const path = join(folder, "escrow.so");
    writeFileSync(path, program);
    const near = NEAR[mutant.file] ?? [];
    if (near.length > 0 && !(await passes(path, near))) return "killed";
    const rest = TESTS.filter((name) => !near.includes(name));
    return (await passes(path, rest)) ? "survived" : "killed";
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function build(source: string): Uint8Array | null {
  try {
    return buildProgram(source, ["-w"]);
  } catch {
    return null;
  }
}

/** Whether these tests pass with that program. */
function passes(program: string, tests: readonly string[]): Promise<boolean> {
  const files = tests.map((name) => `escrow/solana/testing/${name}.test.ts`);
  const args = [
    "run",
    "--project",
    "escrow",
    "--bail",
    "1",
    "--no-isolate",
    "--no-file-parallelism",
    ...files,
  ];
  const env = { ...process.env, ESCROW_SO: program, ESCROW_FEATURES: "mainnet" };
  const vitest = spawn(process.execPath, [join(ROOT, "node_modules/vitest/vitest.mjs"), ...args], {
    cwd: ROOT,
    env,
    stdio: "ignore",
  });
  return new Promise((resolve, reject) => {
    vitest.on("error", reject);
    vitest.on("exit", (code) => resolve(code === 0));
  });
}

function report(): void {
  const named = (outcome: Outcome): Mutant[] => mutants.filter((mutant) => outcomes.get(mutant) === outcome);
  const reasons: Record<string, string> = allowed;
  const survivors = named("survived");
  const unexplained = survivors.filter(({ id }) => !(id in reasons));
  const alive = new Set(survivors.map(({ id }) => id));
  const stale = words.length > 0 ? [] : Object.keys(reasons).filter((id) => !alive.has(id));
  const [same, broken] = [named("the same program").length, named("not C").length];
  console.log(`${mutants.length} mutants: ${named("killed").length} killed, ${survivors.length} survived,`);
  console.log(`${same} make the same program, ${broken} do not compile.`);
  for (const { id } of unexplained) console.log(`No test notices, and no reason is written: ${id}`);
  for (const id of stale) console.log(`A reason for what does not survive: ${id}`);
  process.exitCode = unexplained.length + stale.length > 0 ? 1 : 0;
}
