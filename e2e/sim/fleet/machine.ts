import type { LeaseId, RunnerId } from "@infernet/schemas/ids";
import type { Task } from "@infernet/schemas/job-fact";
import type { Adversary, Member } from "../adversary.ts";
import type { SimJob } from "../network/sim-job.ts";
import { RIGHT, type Said } from "../said.ts";

/** A task in a machine's hands. */
export interface Work {
  job: SimJob;
  lease: LeaseId;
  task: Task;
  rows: number;
}

/** One provider's machine, honest or not. */
export interface Machine {
  id: RunnerId;
  groups: readonly string[];
  row_us: number;
  referee: boolean;
  /** Null: honest. */
  mind: Adversary | null;
  member: Member;
  /** Whether convicting it is a mistake. */
  isHonest: boolean;
  /** What it says when it tells the truth. */
  truth: Said;
  /** Not reachable until then, in Unix ms. */
  away_until_ms: number;
  /** When it was last heard of before that. */
  silent_since_ms: number;
  isBanned: boolean;
  queue: Work[];
  isBusy: boolean;
  /** Finished and not handed in yet. */
  outbox: { work: Work; said: Said; steals: boolean }[];
  isFlushing: boolean;
  isPolling: boolean;
  /** Counts its crashes: what it computed before one is lost. */
  crashes: number;
  /** Leases that it renews by heartbeats. */
  holds: Set<LeaseId>;
  /** Checks of its answers since its first lie; null before it. */
  checked_since_lie: number | null;
}

type Given = Pick<Machine, "id" | "groups" | "row_us" | "referee" | "mind" | "isHonest"> & {
  index: number;
  drift: number;
};

export const createMachine = ({ index, drift, ...given }: Given): Machine => ({
  ...given,
  member: { index, answers: 0, checks: 0, passed: 0 },
  truth: drift === 0 ? RIGHT : { lie: null, drift },
  away_until_ms: 0,
  silent_since_ms: 0,
  isBanned: false,
  queue: [],
  isBusy: false,
  outbox: [],
  isFlushing: false,
  isPolling: false,
  crashes: 0,
  holds: new Set(),
  checked_since_lie: null,
});
