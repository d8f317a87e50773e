import { isOpen } from "@infernet/protocol/job-progress";
import type { JobId, LeaseId, RunnerId } from "@infernet/schemas/ids";
import type { HeartbeatResponse } from "@infernet/schemas/runner";
import { type AggregatorContext, lookUpJob } from "./context.ts";

/** Renews a runner's leases in memory: after a crash they get one lease time more anyway, so no row is spent on it. */
export function renewLeases(
  ctx: AggregatorContext,
  runner: RunnerId,
  leases: readonly { lease_id: LeaseId; job_id: JobId }[],
): HeartbeatResponse {
  const answer: HeartbeatResponse = { renewed: [], lost: [] };
  const held = new Map<JobId, Set<LeaseId>>();
  for (const { lease_id, job_id } of leases) {
    const job = lookUpJob(ctx, job_id);
    if (job === null || !isOpen(job.progress)) {
      answer.lost.push(lease_id);
      continue;
    }
    if (!held.has(job_id)) {
      const own = job.progress.shards
        .flatMap((shard) => shard.leases)
        .filter((lease) => lease.runner === runner);
      held.set(job_id, new Set(own.map((lease) => lease.id)));
    }
    if (held.get(job_id)?.has(lease_id)) {
      const expires_ms = ctx.now() + ctx.lease_ms;
      job.renewals.set(lease_id, expires_ms);
      answer.renewed.push({ lease_id, expires_ms });
    } else {
      answer.lost.push(lease_id);
    }
  }
  return answer;
}
