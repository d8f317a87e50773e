import type { Verification, VerificationPlan } from "@infernet/schemas/verification";
import type { CreateAdversary } from "./adversary.ts";

/** Who decides disagreements: trusted machines, one lying machine among them, or majorities of fresh draws. */
export type Referees = "trusted" | "one_lies" | "none";

/** Something that befalls many machines at once, some time after each job is posted. */
export interface Outage {
  after_ms: number;
  lasts_ms: number;
  /** Share of the machines that it befalls. */
  share: number;
  /** `crash`: they lose what they hold. `partition`: they go on computing and cannot be reached. */
  kind: "crash" | "partition";
}

/** One run's world. All times are of the fake clock. */
export interface World {
  seed: number;
  createAdversary: CreateAdversary;
  workers: number;
  /** How many of the workers are the adversary's. */
  cabal: number;
  referees: Referees;
  jobs: number;
  shards_per_job: number;
  shard_rows: number;
  verification: Verification;
  /** Set to try out what `planVerification` does not make of any wish. */
  plan: VerificationPlan | null;
  /** Time of one row on an ordinary machine, in microseconds. */
  row_cost_us: number;
  /** Every job of this rank is posted while the one before it runs; 0: none is. */
  overlap_every: number;
  outages: readonly Outage[];
  /** The ablation: auditors are drawn, and told to the cabal, before the answer is committed. */
  early_draw: boolean;
}

export const DEFAULT_WORLD: Omit<World, "createAdversary"> = {
  seed: 1,
  workers: 200,
  cabal: 60,
  referees: "trusted",
  jobs: 10,
  shards_per_job: 1_000,
  shard_rows: 400,
  verification: { assurance: 0.9999 },
  plan: null,
  row_cost_us: 1_250,
  overlap_every: 4,
  outages: [],
  early_draw: false,
};

/** Trusted referees of a world that has some. */
export const REFEREES = 3;
/** When the first job is posted. */
export const START_MS = Date.UTC(2026, 0, 1);
