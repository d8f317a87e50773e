import { listFacts } from "@infernet/db/aggregator/facts";
import { applyFact } from "@infernet/protocol/apply-fact";
import { renderEvent, renderQueuedEvent } from "@infernet/protocol/job-events";
import { createProgress } from "@infernet/protocol/job-progress";
import { InfernetError } from "@infernet/schemas/errors";
import type { AccountId, JobId } from "@infernet/schemas/ids";
import type { LogEvent } from "@infernet/schemas/job-event";
import { LIMITS } from "@infernet/schemas/limits";
import { type AggregatorContext, findJob } from "./context.ts";
import type { OpenJob } from "./open-job.ts";

/** The client's own job; another client's does not exist for it. */
export function findOwnJob(ctx: AggregatorContext, account: AccountId, id: JobId): OpenJob {
  const job = findJob(ctx, id);
  if (job.record.account_id !== account) throw new InfernetError("not_found", `there is no job ${id}`);
  return job;
}

/**
 * A job's events after number `after` (-1 for all), in order, at most a page of them. Nothing is stored for them: the
 * last ones are in memory, older ones are folded from the log.
 */
export function listEvents(ctx: AggregatorContext, job: OpenJob, after: number): LogEvent[] {
  if (after >= job.progress.seq) return [];
  const [oldest] = job.recent;
  if (oldest !== undefined && oldest.seq <= after + 1) return job.recent.filter((event) => event.seq > after);
  const { plan } = job.progress;
  let progress = createProgress(plan, job.record.created_ms);
  const events = after < 0 ? [renderQueuedEvent(progress)] : [];
  for (const { fact, seq, at_ms } of listFacts(ctx.db, job.record.id)) {
    progress = applyFact(progress, fact, seq, at_ms);
    if (seq > after) events.push(renderEvent(progress, fact, at_ms));
    if (events.length === LIMITS.event_page_items_max) break;
  }
  return events;
}
