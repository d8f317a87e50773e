import type { StoredDelivery } from "@infernet/db/aggregator/deliveries";
import type { AggregatorDb } from "@infernet/db/aggregator/store";
import { isOpen } from "@infernet/protocol/job-progress";
import { InfernetError } from "@infernet/schemas/errors";
import type { DeliveryId, JobId } from "@infernet/schemas/ids";
import type { RosterCache } from "./draw-source.ts";
import { type OpenJob, openStoredJob } from "./open-job.ts";
import type { RunnerChannels } from "./runner-channels.ts";

/** What the operations of one aggregator object share: its store, its memory and its clock. */
export interface AggregatorContext {
  readonly env: Env;
  readonly db: AggregatorDb;
  readonly lease_ms: number;
  /** Jobs in memory: all that are open or still owe a message. */
  readonly jobs: Map<JobId, OpenJob>;
  /** Webhooks that have another attempt to come. */
  readonly pending: Map<DeliveryId, StoredDelivery>;
  /** Those of them whose attempt is under way. */
  readonly sending: Set<DeliveryId>;
  /** When the last job of this object's day is kept no longer, in Unix ms; null before the first. */
  retire_ms: number | null;
  /** Idempotency keys of requests that are being prepared, with the time they stop blocking others. */
  readonly inFlight: Map<string, number>;
  /** Who could be drawn, as the dispatchers said a moment ago. */
  readonly rosters: RosterCache;
  /** The connections on which runners of streamed jobs send tokens: one each. */
  readonly channels: RunnerChannels;
  /** Who reads streams of this object's jobs. */
  readonly readers: { count: number };
  readonly now: () => number;
  readonly uuid: () => string;
  readonly random: () => number;
  /** Runs on after the answer; a failure is made good by the next alarm. */
  readonly defer: (work: Promise<unknown>) => void;
  /** Has the object woken by then at the latest. */
  readonly wakeBy: (unix_ms: number) => Promise<void>;
  /** Looks after the streams at this time, or before. */
  readonly watchBy: (unix_ms: number) => void;
  /** Empties the object's storage. */
  readonly dropStorage: () => Promise<void>;
  /** Calls whoever waits for news of the job. */
  readonly announce: (job: JobId) => void;
}

/** The job, from memory or folded from its log; null when there is none. Only what can still change stays in memory. */
export function lookUpJob(ctx: AggregatorContext, id: JobId): OpenJob | null {
  const known = ctx.jobs.get(id);
  if (known !== undefined) return known;
  const stored = openStoredJob(ctx.db, id, ctx.now());
  if (stored !== null && (isOpen(stored.progress) || stored.outbox.length > 0)) ctx.jobs.set(id, stored);
  return stored;
}

export function findJob(ctx: AggregatorContext, id: JobId): OpenJob {
  const job = lookUpJob(ctx, id);
  if (job === null) throw new InfernetError("not_found", `there is no job ${id}`);
  return job;
}
