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

interface Kind {
  name: string;
  title: string;
  unit?: Scenario["unit"];
  /** Where nobody gets a wrong answer past anybody, few seeds show as much as many. */
  seeds_share?: number;
  /** Whether it says nothing wrong as long as it is not sure of its auditors. */
  isTruthful?: boolean;
}

const truthful = { seeds_share: 0.25, isTruthful: true } as const;
/** Whoever is caught before anything wrong of theirs stays delivered shows so with few seeds. */
const caught = { seeds_share: 0.25 } as const;
const stealthy = { unit: "rows" } as const;

/** Everybody that the promise is made against, at an assurance of 0.9999. */
const ZOO: readonly Kind[] = [
  { name: "honest", title: "nobody lies", ...truthful },
  { name: "always", title: "always wrong", ...caught },
  { name: "sporadic-10", title: "sporadic, one shard in 10", ...caught },
  { name: "sporadic-2", title: "sporadic, one shard in 50" },
  { name: "sleeper", title: "sleeper: right for 25 shards, then always wrong", ...caught },
  { name: "sleeper-sporadic", title: "sleeper, then one shard in 10" },
  { name: "strike", title: "one strike in the last job, the rest covers" },
  { name: "patient-cabal", title: "patient cabal: only when sure of its auditors", ...truthful },
  { name: "covering-auditor", title: "half lies (1 in 10), half only covers", ...caught },
  { name: "framer", title: "framer: calls honest answers wrong", ...truthful },
  { name: "lazy-auditor", title: "lazy auditor: makes checks up", ...truthful },
  { name: "copier", title: "copier: hands in others' commitments", ...truthful },
  { name: "withholder", title: "withholder: takes work and keeps it", ...truthful },
  { name: "sybil", title: "always wrong, with 60 new names", ...caught },
  { name: "trusted-cheat", title: "wrong whenever its name is good", ...caught },
  { name: "drifter", title: "numeric drifter (honest)", ...truthful },
  { name: "slow", title: "ten times slower (honest)", ...truthful },
  { name: "one-row", title: "stealth: one row of one shard in 10", ...stealthy },
  { name: "one-row-each", title: "stealth: one row of every shard", ...stealthy, ...caught },
  { name: "stealth-40", title: "stealth: one row in 40 of one shard in 10", ...stealthy, ...caught },
];

const DIAL_SEEDS = 0.05;
const RECALL_SEEDS = 0.5;
const OTHER_SEEDS = 0.1;

const zoo = ZOO.map(
  ({ name, title, unit = "shards", seeds_share = 1 }): Scenario => ({
    name,
    title,
    part: "zoo",
    adversary: name,
    world: {},
    unit,
    seeds_share,
  }),
);

const dial = [0.99, 0.999].flatMap((assurance) =>
  ZOO.filter(({ isTruthful }) => !isTruthful).map(
    ({ name, title, unit = "shards" }): Scenario => ({
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
      title: ZOO.find(({ name }) => name === adversary)?.title ?? adversary,
      part: "baselines",
      adversary,
      scheme,
      seeds_share: 0.5,
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
