import { isFinal, isOpen } from "@infernet/protocol/job-progress";
import { decideLeases } from "@infernet/protocol/lease-rules";
import { formatGrant, formatLeaseId, type JobId, partitionOf, type RunnerId } from "@infernet/schemas/ids";
import type { Task } from "@infernet/schemas/job-fact";
import { LIMITS } from "@infernet/schemas/limits";
import type { Lease, LeaseInput, RowRange } from "@infernet/schemas/runner";
import { gatherRows } from "@infernet/schemas/tensor-rows";
import { type AggregatorContext, lookUpJob } from "./context.ts";
import { expireLeases } from "./expire-leases.ts";
import { leaseGeneration } from "./lease-generation.ts";
import { countOpen } from "./offer-work.ts";
import { inlineInputs, type OpenJob } from "./open-job.ts";
import { recordFact } from "./record-fact.ts";
import { rowsOfTask } from "./rows-of-task.ts";
import { listBarred, listFlowing } from "./stream-demand.ts";

export interface GrantRequest {
  job_id: JobId;
  runner: RunnerId;
  leases_max: number;
  /** Runners that could take the job's shards. */
  runners: number;
  /** Checks that the runner has passed, by its ledger. */
  passed: number;
  /** Whether it decides disagreements and does nothing else. */
  referee: boolean;
  /** Engine, version and execution provider of each of its engines; absent where that is not known. */
  classes?: readonly string[];
}

export interface Grant {
  leases: Lease[];
  /** Leases the job is still open for. */
  ready: number;
}

/** Gives a runner checks that were drawn for it and shards of one job: one fact, so one row, for all of them. */
export async function grantLeases(ctx: AggregatorContext, request: GrantRequest): Promise<Grant> {
  const job = lookUpJob(ctx, request.job_id);
  if (job === null || !isOpen(job.progress)) return { leases: [], ready: 0 };
  // A dispatcher may not know yet who was granted a sealed job, or hold an old offer of it.
  if (!mayOpen(job, request.runner)) return { leases: [], ready: countOpen(ctx, job) };
  expireLeases(ctx, job);
  const now_ms = ctx.now();
  const deadline_ms = deadlineOf(job, now_ms);
  if (now_ms >= deadline_ms) return { leases: [], ready: 0 };
  const { runner } = request;
  const tasks = decideLeases(job.progress, {
    ...request,
    chance: ctx.random(),
    now_ms,
    deadline_ms,
    barred: listBarred(job, request.classes),
    flowing: listFlowing(job),
  });
  const expires_ms = now_ms + ctx.lease_ms;
  const grant = formatGrant(ctx.uuid());
  if (tasks.length > 0) recordFact(ctx, job, { kind: "leased", runner, grant, tasks, expires_ms });
  const ready = countOpen(ctx, job);
  job.offered = { ...job.offered, ready };
  const leases = await Promise.all(
    tasks.map((task, n) => createLease(ctx, job, { grant, n, runner, task, expires_ms, deadline_ms })),
  );
  return { leases, ready };
}

const mayOpen = ({ progress }: OpenJob, runner: RunnerId): boolean =>
  progress.keys === null || progress.keys.has(runner);

/** When work on a job stops being useful, in Unix ms. What a finished job delivered is worth checking at any time. */
const deadlineOf = ({ progress, record }: OpenJob, now_ms: number): number =>
  isFinal(progress.state) ? now_ms + LIMITS.job_deadline_ms_default : record.deadline_ms;

interface Granted {
  grant: string;
  n: number;
  runner: RunnerId;
  task: Task;
  expires_ms: number;
  deadline_ms: number;
}

/** Nothing in a lease tells a check from a shard to compute but which rows it names. */
async function createLease(ctx: AggregatorContext, job: OpenJob, granted: Granted): Promise<Lease> {
  const { grant, n, runner, task, expires_ms, deadline_ms } = granted;
  const { record } = job;
  const first = task.shard * record.shard_rows;
  const ranges = rowsOfTask(job.progress, runner, task);
  const rows = ranges.map(({ start, count }) => ({
    start: first + start,
    count,
  }));
  return {
    id: formatLeaseId(partitionOf(record.id), grant, n),
    job_id: record.id,
    shard: task.shard,
    model: record.model.digest,
    rows,
    inputs: record.inputs.map((input) => ("blob" in input ? input : inlineRows(ctx, job, input.name, rows))),
    ...renderSealing(job, runner),
    ...(record.share_inputs === true && record.sealing === undefined ? { share_inputs: true as const } : {}),
    ...(await leaseGeneration(ctx, job, task, ranges)),
    expires_ms,
    lease_ms: ctx.lease_ms,
    deadline_ms,
  };
}

/** What its holder opens a sealed job with; nothing where it is not sealed. */
function renderSealing({ record, progress }: OpenJob, runner: RunnerId): Pick<Lease, "sealing"> {
  const grant = progress.keys?.get(runner);
  if (record.sealing === undefined || grant === undefined) return {};
  const { sealing_id, client_key, inputs } = record.sealing;
  const { enc, sealed_key } = grant;
  return { sealing: { sealing_id, client_key, inputs, grant: { enc, sealed_key } } };
}

function inlineRows(ctx: AggregatorContext, job: OpenJob, name: string, rows: RowRange[]): LeaseInput {
  const tensor = inlineInputs(ctx.db, job).find((input) => input.name === name);
  if (tensor === undefined) throw new Error(`job ${job.record.id} has lost its input ${name}`);
  return gatherRows(tensor, rows);
}
