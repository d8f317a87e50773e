import { LIMITS } from "@infernet/schemas/limits";
import type { RunnerEvent } from "../work/runner-event.ts";
import type { Activity, RunnerState } from "./activity.ts";
import { AggregatorsFollowed } from "./aggregators-followed.ts";

type Started = Extract<RunnerEvent, { event: "started" }>;
type InHand = Activity["now"][number];

/** The pace is that of the work finished in this time. */
const PACE_MS = 10_000;

/** A runner that is refused asks again after `runner_retry_ms_max`: twice that without another refusal, and it is let in. */
const REFUSED_MS = 2 * LIMITS.runner_retry_ms_max;

/** Follows what a runner tells, and says at any time what it is at. */
export class RunnerMonitor {
  readonly #now: () => Date;
  readonly #since: Date;
  #started: Started | null = null;
  #isRegistered = false;
  #isDraining = false;
  #isStopped = false;
  #paused: Activity["paused"] = null;
  #unreachable: string | null = null;
  #refused: { detail: string; at_ms: number } | null = null;
  #clock_skew_ms: number | null = null;
  #warnings: string[] = [];
  #worked_at: Date | null = null;
  /** By aggregator and lease: two of them may give the same name to theirs. */
  readonly #inHand = new Map<string, InHand>();
  readonly #aggregators: AggregatorsFollowed;
  readonly #models = new Map<string, Activity["models"][number]>();
  readonly #failed: Record<string, number> = {};
  readonly #blobs: Activity["blobs"] = { from_peers_bytes: 0, from_edge_bytes: 0, sent_bytes: 0 };
  #recent: { at_ms: number; rows: number; tokens: number }[] = [];
  #done = {
    ...{ shards_done: 0, rows_done: 0, tokens_made: 0, compute_ms: 0 },
    ...{ shards_lost: 0, shards_handed_back: 0 },
  };

  constructor(now: () => Date) {
    this.#now = now;
    this.#aggregators = new AggregatorsFollowed(now);
    this.#since = now();
  }

  /** Null before the runner has started. */
  read(): Activity | null {
    if (this.#started === null) return null;
    const { id, version, edge, home, capability, missing } = this.#started;
    return {
      ...{ id, version, edge, home, capability, missing: [...missing] },
      pid: process.pid,
      started_at: this.#since.toISOString(),
      state: this.#state(),
      paused: this.#paused,
      edge_trouble: this.#trouble(),
      clock_skew_ms: this.#clock_skew_ms,
      warnings: this.#warnings,
      now: [...this.#inHand.values()],
      models: [...this.#models.values()],
      blobs: { ...this.#blobs },
      ...this.#done,
      rows_per_second: this.#pace("rows"),
      tokens_per_second: this.#pace("tokens"),
      failed: { ...this.#failed },
      worked_at: this.#worked_at?.toISOString() ?? null,
      aggregators: this.#aggregators.read(),
    };
  }

  observe(event: RunnerEvent): void {
    this.#observeWork(event);
    if (event.aggregator !== undefined) {
      this.#aggregators.observe(event.aggregator, event);
      return;
    }
    switch (event.event) {
      case "started":
        this.#started = event;
        // There is no edge that would have to take it in.
        this.#isRegistered = event.edge === null;
        return;
      case "registered":
        this.#isRegistered = true;
        this.#refused = null;
        this.#warnings = event.warnings;
        return;
      case "offers.changed":
        if (this.#started !== null) this.#started = { ...this.#started, capability: event.capability };
        return;
      case "paused":
        this.#paused = { by: event.by, reason: event.reason };
        return;
      case "resumed":
        this.#paused = null;
        return;
      case "edge.unreachable":
        this.#unreachable = event.detail;
        return;
      case "edge.back":
        this.#unreachable = null;
        return;
      case "edge.refused":
        this.#refused = { detail: event.detail, at_ms: this.#now().getTime() };
        return;
      case "leased":
        this.#refused = null;
        return;
      case "clock.skewed":
        this.#clock_skew_ms = event.skew_ms;
        return;
      case "clock.right":
        this.#clock_skew_ms = null;
        return;
      case "draining":
        this.#isDraining = true;
        return;
      case "stopped":
        this.#isStopped = true;
        return;
      default:
    }
  }

  #observeWork(event: RunnerEvent): void {
    switch (event.event) {
      case "leased": {
        const since = this.#now().toISOString();
        for (const lease of event.leases) this.#inHand.set(keyOf(event, lease), { ...lease, since });
        return;
      }
      case "blob.fetched":
        this.#blobs.from_peers_bytes += event.from_peers_bytes;
        this.#blobs.from_edge_bytes += event.from_edge_bytes;
        return;
      case "blobs.sent":
        this.#blobs.sent_bytes += event.bytes;
        return;
      case "model.loaded":
        this.#models.set(event.model, { model: event.model, execution_class: event.execution_class });
        return;
      case "model.unloaded":
        this.#models.delete(event.model);
        return;
      case "shard.done": {
        const tokens = event.tokens?.made_tokens ?? 0;
        this.#inHand.delete(keyOf(event, event));
        this.#worked_at = this.#now();
        this.#done.shards_done += 1;
        this.#done.rows_done += event.rows;
        this.#done.tokens_made += tokens;
        this.#done.compute_ms += event.compute_ms;
        this.#recent.push({ at_ms: this.#worked_at.getTime(), rows: event.rows, tokens });
        this.#forgetOld();
        return;
      }
      case "shard.failed":
        this.#inHand.delete(keyOf(event, event));
        this.#failed[event.code] = (this.#failed[event.code] ?? 0) + 1;
        return;
      case "shard.lost":
        this.#inHand.delete(keyOf(event, event));
        this.#done.shards_lost += 1;
        return;
      case "shard.handed_back":
        this.#inHand.delete(keyOf(event, event));
        this.#done.shards_handed_back += 1;
        return;
      default:
    }
  }

  #state(): RunnerState {
    if (this.#isStopped) return "stopped";
    if (this.#isDraining) return "draining";
    if (this.#paused !== null) return "paused";
    if (this.#trouble() !== null) return "away";
    if (!this.#isRegistered) return "starting";
    return this.#inHand.size > 0 ? "working" : "waiting";
  }

  /** A refusal that goes on is told again and again; one that was not is over. */
  #trouble(): string | null {
    const isFresh = this.#refused !== null && this.#now().getTime() - this.#refused.at_ms < REFUSED_MS;
    return this.#unreachable ?? (isFresh ? (this.#refused?.detail ?? null) : null);
  }

  #forgetOld(): void {
    const since_ms = this.#now().getTime() - PACE_MS;
    this.#recent = this.#recent.filter(({ at_ms }) => at_ms >= since_ms);
  }

  #pace(of: "rows" | "tokens"): number {
    this.#forgetOld();
    return this.#recent.reduce((sum, recent) => sum + recent[of], 0) / (PACE_MS / 1_000);
  }
}

const keyOf = ({ aggregator = "" }: RunnerEvent, { lease_id }: Pick<InHand, "lease_id">): string =>
  `${aggregator} ${lease_id}`;
