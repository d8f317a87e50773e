import { isFinal, shardRowCount } from "@infernet/protocol/job-progress";
import { decideLeases } from "@infernet/protocol/lease-rules";
import { formatGrant, formatLeaseId, type JobId, partitionOf, type RunnerId } from "@infernet/schemas/ids";
import type { Lease, LeaseInput } from "@infernet/schemas/runner";
import { sliceRows } from "@infernet/schemas/tensor-rows";
import { type AggregatorContext, lookUpJob } from "./context.ts";
import { expireLeases } from "./expire-leases.ts";
import { countOpen } from "./offer-work.ts";
import { inlineInputs, type OpenJob } from "./open-job.ts";
import { recordFact } from "./record-fact.ts";

export interface GrantRequest {
  job_id: JobId;
  runner: RunnerId;
  leases_max: number;
  /** Runners that could take the job's shards. */
  runners: number;
}

export interface Grant {
  leases: Lease[];
  /** Leases the job is still open for. */
  ready: number;
}

/** Gives a runner leases on shards of one job: one fact, so one row, for all of them. */
export function grantLeases(ctx: AggregatorContext, request: GrantRequest): Grant {
  const job = lookUpJob(ctx, request.job_id);
  if (job === null || isFinal(job.progress.state)) return { leases: [], ready: 0 };
  expireLeases(ctx, job);
  const now_ms = ctx.now();
  const { deadline_ms } = job.record;
  if (now_ms >= deadline_ms) return { leases: [], ready: 0 };
  const shards = decideLeases(job.progress, { ...request, now_ms, deadline_ms });
  const expires_ms = now_ms + ctx.lease_ms;
  const grant = formatGrant(ctx.uuid());
  if (shards.length > 0)
    recordFact(ctx, job, { kind: "leased", runner: request.runner, grant, shards, expires_ms });
  job.offered = countOpen(ctx, job);
  const leases = shards.map((shard, n) => createLease(ctx, job, { grant, n, shard, expires_ms }));
  return { leases, ready: job.offered };
}

interface Granted {
  grant: string;
  n: number;
  shard: number;
  expires_ms: number;
}

function createLease(ctx: AggregatorContext, job: OpenJob, { grant, n, shard, expires_ms }: Granted): Lease {
  const { record: stored } = job;
  const rows = { start: shard * stored.shard_rows, count: shardRowCount(job.progress.plan, shard) };
  return {
    id: formatLeaseId(partitionOf(stored.id), grant, n),
    job_id: stored.id,
    shard,
    model: stored.model.digest,
    rows,
    inputs: stored.inputs.map((input) => ("blob" in input ? input : inlineRows(ctx, job, input.name, rows))),
    expires_ms,
    lease_ms: ctx.lease_ms,
    deadline_ms: stored.deadline_ms,
  };
}

function inlineRows(ctx: AggregatorContext, job: OpenJob, name: string, rows: Lease["rows"]): LeaseInput {
  const tensor = inlineInputs(ctx.db, job).find((input) => input.name === name);
  if (tensor === undefined) throw new Error(`job ${job.record.id} has lost its input ${name}`);
  return sliceRows(tensor, rows.start, rows.count);
}
