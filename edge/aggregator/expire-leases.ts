import { decideExpiries } from "@infernet/protocol/lease-expiry";
import type { AggregatorContext } from "./context.ts";
import { leaseEnd, type OpenJob } from "./open-job.ts";
import { recordFact } from "./record-fact.ts";

/** Sends shards whose lease has ended back to the queue. */
export function expireLeases(ctx: AggregatorContext, job: OpenJob): void {
  const now_ms = ctx.now();
  for (const fact of decideExpiries(job.progress, now_ms, leaseEnd(job, ctx.lease_ms)))
    recordFact(ctx, job, fact);
}
