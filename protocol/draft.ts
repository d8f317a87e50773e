import type { RunnerId } from "@infernet/schemas/ids";
import { LATENCY_BUCKETS } from "@infernet/schemas/provider";
import {
  type Check,
  type JobProgress,
  type ProviderTally,
  type ShardProgress,
  shardAt,
} from "./job-progress.ts";
import { isAccepted, isReady, lacksChecks } from "./shard-state.ts";

const NOTHING: ProviderTally = {
  shards_committed: 0,
  rows_committed: 0,
  shards_failed: 0,
  shards_expired: 0,
  audits_passed: 0,
  rows_audited: 0,
  audits_made: 0,
  latency: Array.from({ length: LATENCY_BUCKETS }, () => 0),
  latency_ms_total: 0,
  compute_ms_total: 0,
};

type Counts = Omit<ProviderTally, "latency">;
type Copied = "shards" | "providers" | "drawn" | Marked;
/** Indices that say of each shard whether it is in them. */
type Marked = "wanting" | "taken";

/**
 * A job's progress while facts are folded into it. What changes is copied once, however often it changes, and the indices
 * follow the shards; the progress that it began with stays as it was.
 */
export class Draft {
  readonly #copied = new Set<Copied>();
  #progress: JobProgress;

  constructor(progress: JobProgress) {
    this.#progress = progress;
  }

  /** As it is now. What was given out before is not changed any more: later changes copy again. */
  get progress(): JobProgress {
    this.#copied.clear();
    return this.#progress;
  }

  /** For looking only, between two changes. */
  get now(): Readonly<JobProgress> {
    return this.#progress;
  }

  shard(index: number): ShardProgress {
    return shardAt(this.#progress.shards, index);
  }

  set(changes: Partial<Omit<JobProgress, "shards" | "providers" | "index">>): void {
    this.#progress = { ...this.#progress, ...changes };
  }

  setShard(index: number, shard: ShardProgress): void {
    const before = this.shard(index);
    if (before === shard) return;
    this.#own("shards");
    (this.#progress.shards as ShardProgress[])[index] = shard;
    this.#reindex(index, before, shard);
  }

  /** Changes a provider's counts by these, and counts one time from lease to commitment. */
  bump(runner: RunnerId, by: Partial<Counts>, latencyBucket: number | null = null): void {
    this.#own("providers");
    const tally = { ...(this.#progress.providers.get(runner) ?? NOTHING) };
    for (const [key, change] of Object.entries(by) as [keyof Counts, number][]) tally[key] += change;
    if (latencyBucket !== null) {
      tally.latency = [...tally.latency];
      tally.latency[latencyBucket] = (tally.latency[latencyBucket] ?? 0) + 1;
    }
    (this.#progress.providers as Map<RunnerId, ProviderTally>).set(runner, tally);
  }

  #own(part: Copied): void {
    if (this.#copied.has(part)) return;
    this.#copied.add(part);
    const { shards, providers, index } = this.#progress;
    switch (part) {
      case "shards":
        this.#progress = { ...this.#progress, shards: [...shards] };
        return;
      case "providers":
        this.#progress = { ...this.#progress, providers: new Map(providers) };
        return;
      case "drawn":
        this.#progress = { ...this.#progress, index: { ...index, drawn: new Map(index.drawn) } };
        return;
      case "wanting":
      case "taken":
        this.#progress = { ...this.#progress, index: { ...index, [part]: new Set(index[part]) } };
        return;
      default:
        part satisfies never;
    }
  }

  #reindex(at: number, before: ShardProgress, after: ShardProgress): void {
    const ready = Number(isReady(after)) - Number(isReady(before));
    const unanswered = Number(after.answer === null) - Number(before.answer === null);
    const unaccepted = Number(isAccepted(before)) - Number(isAccepted(after));
    if (ready !== 0 || unanswered !== 0 || unaccepted !== 0) {
      const { index } = this.#progress;
      this.#progress = {
        ...this.#progress,
        index: {
          ...index,
          ready: index.ready + ready,
          unanswered: index.unanswered + unanswered,
          unaccepted: index.unaccepted + unaccepted,
        },
      };
    }
    this.#mark("wanting", at, lacksChecks(after));
    if (before.checks === after.checks) return;
    this.#mark("taken", at, after.checks.some(isTaken));
    this.#reindexDrawn(at, before, after);
  }

  #mark(marked: Marked, at: number, isIn: boolean): void {
    if (isIn === this.#progress.index[marked].has(at)) return;
    this.#own(marked);
    const shards = this.#progress.index[marked] as Set<number>;
    if (isIn) shards.add(at);
    else shards.delete(at);
  }

  #reindexDrawn(at: number, before: ShardProgress, after: ShardProgress): void {
    const old = drawnIn(before);
    const fresh = drawnIn(after);
    if (old.length === 0 && fresh.length === 0) return;
    this.#own("drawn");
    const drawn = this.#progress.index.drawn as Map<RunnerId, readonly number[]>;
    for (const runner of old) {
      const left = (drawn.get(runner) ?? []).filter((shard) => shard !== at);
      if (left.length > 0) drawn.set(runner, left);
      else drawn.delete(runner);
    }
    for (const runner of new Set(fresh)) drawn.set(runner, [...(drawn.get(runner) ?? []), at]);
  }
}

const isTaken = ({ state }: Check): boolean => state === "leased";

const drawnIn = ({ checks }: ShardProgress): RunnerId[] => {
  const runners: RunnerId[] = [];
  for (const check of checks) if (check.state === "drawn") runners.push(check.runner);
  return runners;
};

/** A change made on a draft, as a function from one progress to the next. */
export function changed(progress: JobProgress, change: (draft: Draft) => void): JobProgress {
  const draft = new Draft(progress);
  change(draft);
  return draft.progress;
}
