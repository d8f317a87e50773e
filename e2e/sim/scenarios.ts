import type { Verification } from "@infernet/schemas/verification";
import type { SchemeName } from "./baselines/schemes.ts";
import type { Outage, World } from "./world.ts";

/** What a row of the tables runs. */
export interface Scenario {
  /** As in `--only`. */
  name: string;
  /** As in the tables. */
  title: string;
  /** `zoo`: the promise as it stands. `dial`: less is promised. `faults`: what is assumed does not hold. */
  part: "zoo" | "dial" | "recall" | "faults" | "ablation" | "baselines";
  /** A file of `adversaries/`, or a URL. */
  adversary: string;
  world: Partial<World>;
  /** Instead of the protocol. */
  scheme?: SchemeName;
  /** What the promise is counted in: liars that spoil single rows touch many shards and few rows. */
  unit: "shards" | "rows";
  /** Part of the seeds that it is run with: for what shows without many. */
  seeds_share: number;
}

/** Everybody that the promise is made against, at an assurance of 0.9999. */
const ZOO: readonly (readonly [name: string, title: string, unit?: Scenario["unit"]])[] = [
  ["honest", "nobody lies"],
  ["always", "always wrong"],
  ["sporadic-10", "sporadic, one shard in 10"],
  ["sporadic-2", "sporadic, one shard in 50"],
  ["sleeper", "sleeper: right for 25 shards, then always wrong"],
  ["sleeper-sporadic", "sleeper, then one shard in 10"],
  ["strike", "one strike in the last job, the rest covers"],
  ["patient-cabal", "patient cabal: only when sure of its auditors"],
  ["covering-auditor", "half lies (1 in 10), half only covers"],
  ["framer", "framer: calls honest answers wrong"],
  ["lazy-auditor", "lazy auditor: makes checks up"],
  ["copier", "copier: hands in others' commitments"],
  ["withholder", "withholder: takes work and keeps it"],
  ["sybil", "always wrong, with 60 new names"],
  ["trusted-cheat", "wrong whenever its name is good"],
  ["drifter", "numeric drifter (honest)"],
  ["slow", "ten times slower (honest)"],
  ["stealth-40", "stealth: one row in 40 of one shard in 10", "rows"],
  ["one-row", "stealth: one row of one shard in 10", "rows"],
  ["one-row-each", "stealth: one row of every shard", "rows"],
];

/** Those whose answers are right as long as they are not sure of their auditors, or always. */
const TRUTHFUL = [
  "honest",
  "patient-cabal",
  "framer",
  "lazy-auditor",
  "copier",
  "withholder",
  "drifter",
  "slow",
];
const LIARS = ZOO.filter(([name]) => !TRUTHFUL.includes(name));

/** Where nobody gets a wrong answer past anybody, few seeds show as much as many. */
const TRUTHFUL_SEEDS = 0.25;
const DIAL_SEEDS = 0.1;
const RECALL_SEEDS = 0.5;
const OTHER_SEEDS = 0.2;

const zoo = ZOO.map(
  ([name, title, unit = "shards"]): Scenario => ({
    name,
    title,
    part: "zoo",
    adversary: name,
    world: {},
    unit,
    seeds_share: TRUTHFUL.includes(name) ? TRUTHFUL_SEEDS : 1,
  }),
);

const dial = [0.99, 0.999].flatMap((assurance) =>
  LIARS.map(
    ([name, title, unit = "shards"]): Scenario => ({
      name: `${name}@${assurance}`,
      title,
      part: "dial",
      adversary: name,
      world: { verification: { assurance } },
      unit,
      seeds_share: DIAL_SEEDS,
    }),
  ),
);

/** Weaker checks, so that there is something to recall. */
const ONE_AUDITOR: Verification = { mode: "audit", auditors: 1, rows_share: 0.05 };

const crash: Outage = { after_ms: 1_500, lasts_ms: 30_000, share: 0.4, kind: "crash" };
const partition: Outage = { after_ms: 1_500, lasts_ms: 40_000, share: 0.5, kind: "partition" };

type Other = Pick<Scenario, "name" | "title" | "part" | "adversary"> & Partial<Scenario>;

const others: Other[] = [
  {
    name: "recall-sleeper",
    title: "sleeper, one auditor a shard",
    part: "recall",
    adversary: "sleeper",
    world: { verification: ONE_AUDITOR },
    seeds_share: RECALL_SEEDS,
  },
  {
    name: "recall-sleeper-sporadic",
    title: "sleeper, then one shard in 10, one auditor a shard",
    part: "recall",
    adversary: "sleeper-sporadic",
    world: { verification: ONE_AUDITOR },
    seeds_share: RECALL_SEEDS,
  },
  {
    name: "late-draw",
    title: "patient cabal, drawn after the commitment",
    part: "ablation",
    adversary: "patient-cabal",
  },
  {
    name: "early-draw",
    title: "patient cabal, drawn before the commitment",
    part: "ablation",
    adversary: "patient-cabal",
    world: { early_draw: true },
  },
  {
    name: "no-referee-liars",
    title: "one shard in 10, majorities decide",
    part: "faults",
    adversary: "sporadic-10",
    world: { referees: "none" },
  },
  {
    name: "no-referee-framers",
    title: "framers, majorities decide",
    part: "faults",
    adversary: "framer",
    world: { referees: "none" },
  },
  {
    name: "lying-referee",
    title: "one shard in 10, one of three referees lies too",
    part: "faults",
    adversary: "sporadic-10",
    world: { referees: "one_lies" },
  },
  {
    name: "crashes",
    title: "40 % of all machines crash together, in each job",
    part: "faults",
    adversary: "sporadic-10",
    world: { outages: [crash] },
  },
  {
    name: "partitions",
    title: "half of all machines cut off for 40 s, in each job",
    part: "faults",
    adversary: "sporadic-10",
    world: { outages: [partition] },
  },
];

const BASELINE_ATTACKS = [
  "honest",
  "always",
  "sporadic-10",
  "sporadic-2",
  "sleeper",
  "sleeper-sporadic",
  "patient-cabal",
  "trusted-cheat",
];

const baselines = (["quorum-2", "boinc", "proof-of-sampling", "sarmenta"] as const).flatMap((scheme) =>
  BASELINE_ATTACKS.map(
    (adversary): Other => ({
      name: `${scheme}/${adversary}`,
      title: ZOO.find(([name]) => name === adversary)?.[1] ?? adversary,
      part: "baselines",
      adversary,
      scheme,
      seeds_share: 1,
    }),
  ),
);

export const SCENARIOS: readonly Scenario[] = [
  ...zoo,
  ...dial,
  ...[...others, ...baselines].map(
    (given): Scenario => ({ world: {}, unit: "shards", seeds_share: OTHER_SEEDS, ...given }),
  ),
];
