import { whyNoClang } from "../clang.ts";
import { compareBuilds } from "./compare-builds.ts";

/** Compares builds for as many seeds as are asked for: `node escrow/solana/fuzz/main.ts [rounds] [first seed]`. */
const reason = whyNoClang();
if (reason === null) {
  await compareMany(Number(process.argv[2] ?? 20), Number(process.argv[3] ?? Date.now() % 1_000_000));
} else {
  console.error(`Nothing to compare without the compiler: ${reason}.`);
  process.exitCode = 1;
}

async function compareMany(rounds: number, first: number): Promise<void> {
  let evaluations = 0;
  let mismatches = 0;
  for (let seed = first; seed < first + rounds; seed += 1) {
    const found = await compareBuilds(seed);
    evaluations += found.evaluations;
    mismatches += found.mismatches.length;
    for (const mismatch of found.mismatches.slice(0, 3)) console.log(`seed ${seed}: ${mismatch}`);
  }
  const seeds = `seeds ${first} to ${first + rounds - 1}`;
  console.log(`${seeds}: ${evaluations} evaluations, ${mismatches} mismatches`);
  if (mismatches > 0) process.exitCode = 1;
}
