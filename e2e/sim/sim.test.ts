import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { createAdversary as always } from "./adversaries/always.ts";
import { createAdversary as copier } from "./adversaries/copier.ts";
import { createAdversary as drifter } from "./adversaries/drifter.ts";
import { createAdversary as framer } from "./adversaries/framer.ts";
import { createAdversary as honest } from "./adversaries/honest.ts";
import { createAdversary as patientCabal } from "./adversaries/patient-cabal.ts";
import { createAdversary as sleeper } from "./adversaries/sleeper-sporadic.ts";
import { createAdversary as withholder } from "./adversaries/withholder.ts";
import type { CreateAdversary } from "./adversary.ts";
import { runQuorum } from "./baselines/quorum.ts";
import { replayCommand } from "./failing-seeds.ts";
import { renderTables } from "./render-tables.ts";
import { runWorld } from "./run-world.ts";
import { SCENARIOS } from "./scenarios.ts";
import { parseSimOptions } from "./sim-options.ts";
import { summarise } from "./summary.ts";
import type { Tally } from "./tally.ts";
import { checkTargets } from "./targets.ts";
import { DEFAULT_WORLD, type World } from "./world.ts";

/** A small network: 30 machines, 9 of them in the cabal, and two jobs of 60 shards. */
const run = (createAdversary: CreateAdversary, world: Partial<World> = {}): Tally =>
  runWorld({
    ...DEFAULT_WORLD,
    workers: 30,
    cabal: 9,
    jobs: 2,
    shards_per_job: 60,
    createAdversary,
    ...world,
  });

const ONE_AUDITOR = { mode: "audit", auditors: 1, rows_share: 0.05 } as const;

it("runs the same from the same seed, and otherwise from another", () => {
  expect(run(always)).toEqual(run(always));
  expect(run(always)).not.toEqual(run(always, { seed: 2 }));
});

it("computes little more than it must when nobody lies, and convicts nobody", () => {
  const tally = run(honest);
  expect(tally).toMatchObject({
    shards: 120,
    wrong_final: 0,
    honest_slashed: 0,
    jobs_failed: 0,
    imbalance_micro: 0,
  });
  expect(tally.rows_computed / tally.rows).toBeLessThan(1.4);
});

it("ejects those who always lie, delivers nothing of theirs and pays everybody else", () => {
  const tally = run(always);
  expect(tally).toMatchObject({
    liars: 9,
    liars_ejected: 9,
    wrong_final: 0,
    honest_slashed: 0,
    imbalance_micro: 0,
  });
  expect(tally.honest_rows_unpaid).toBe(0);
});

it("convicts the framer and never the framed, where a trusted referee decides", () => {
  const tally = run(framer, { jobs: 4 });
  expect(tally.liars_ejected).toBeGreaterThan(0);
  expect(tally.honest_slashed).toBe(0);
});

it("convicts nobody whose numbers have only drifted", () => {
  expect(run(drifter)).toMatchObject({ honest_slashed: 0, wrong_final: 0, jobs_failed: 0 });
});

it("refuses a stolen commitment, convicts nobody by it, and ends the jobs all the same", () => {
  const tally = run(copier);
  expect(tally.refused).toBeGreaterThan(0);
  expect(tally).toMatchObject({ shards: 120, wrong_final: 0, liars_ejected: 0, honest_slashed: 0 });
});

it("ends its jobs although machines take work and keep it", () => {
  expect(run(withholder)).toMatchObject({ shards: 120, jobs_failed: 0, honest_slashed: 0 });
});

it("gives a cabal nothing for knowing itself, unless it knows its auditors before it commits", () => {
  const world = { jobs: 6, shards_per_job: 200, verification: ONE_AUDITOR };
  const late = run(patientCabal, world);
  const early = run(patientCabal, { ...world, early_draw: true });
  expect(late.wrong_delivered).toBe(0);
  expect(early.wrong_delivered).toBeGreaterThan(0);
});

it("recalls what was wrong and delivered before its maker was caught, with refunds that balance", () => {
  const tallies = [1, 2, 3, 4, 5, 6].map((seed) =>
    run(sleeper, { seed, jobs: 6, shards_per_job: 300, verification: ONE_AUDITOR }),
  );
  const sum = (count: (tally: Tally) => number): number =>
    tallies.reduce((total, one) => total + count(one), 0);
  expect(sum((tally) => tally.wrong_delivered)).toBeGreaterThan(0);
  expect(sum((tally) => tally.wrong_final)).toBeLessThan(sum((tally) => tally.wrong_delivered) / 2);
  expect(sum((tally) => tally.refunded_micro)).toBeGreaterThan(0);
  expect(sum((tally) => tally.imbalance_micro)).toBe(0);
});

it("convicts nobody for crashes and partitions", () => {
  const outages = [
    { after_ms: 500, lasts_ms: 30_000, share: 0.5, kind: "crash" },
    { after_ms: 900, lasts_ms: 40_000, share: 0.5, kind: "partition" },
  ] as const;
  expect(run(honest, { outages })).toMatchObject({
    shards: 120,
    honest_slashed: 0,
    wrong_final: 0,
    jobs_failed: 0,
  });
});

it("lets a quorum that is assigned together pass the f^2 (3 - 2 f) that theory says, 0.216", () => {
  const world = { ...DEFAULT_WORLD, createAdversary: always };
  const shares = [1, 2, 3].map((seed) => {
    const { wrong_final, shards } = runQuorum({ ...world, seed });
    return wrong_final / shards;
  });
  for (const share of shares) expect(share).toBeCloseTo(0.216, 1);
});

it("says which numbers are missed, and how to run a seed again", () => {
  const [scenario] = SCENARIOS.filter(({ name }) => name === "always");
  if (scenario === undefined) throw new Error("there is no such scenario");
  const tally = { ...run(always), wrong_final: 50 };
  const targets = checkTargets([summarise(scenario, [{ seed: 1, tally, took_ms: 1 }])]);
  expect(targets.filter(({ isMet }) => !isMet).map(({ what }) => what)).toContain(
    "wrong after recall, at most as promised",
  );
  expect(replayCommand(scenario, 7, parseSimOptions([]))).toBe("npm run sim -- --only always --seed 7");
});

it("has a place in docs/verification.md for each of its tables, and a file for each adversary", () => {
  const page = readFileSync(new URL("../../docs/verification.md", import.meta.url), "utf8");
  const tally = run(honest, { jobs: 1 });
  const summaries = SCENARIOS.map((scenario) => summarise(scenario, [{ seed: 1, tally, took_ms: 1 }]));
  for (const { name } of renderTables(summaries, checkTargets(summaries)))
    expect(page).toContain(`<!-- npm run sim: ${name} -->`);
  for (const { adversary } of SCENARIOS)
    expect(() => readFileSync(new URL(`adversaries/${adversary}.ts`, import.meta.url))).not.toThrow();
});
