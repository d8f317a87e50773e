import { decideCommitted } from "@infernet/protocol/committed-fact";
import { type Answer, shardAt } from "@infernet/protocol/job-progress";
import { isDisputed, rowsOfCheck } from "@infernet/protocol/shard-state";
import { classifyAnswer } from "@infernet/protocol/submission-rules";
import type { LeaseId, RunnerId } from "@infernet/schemas/ids";
import type { CommittedResult } from "@infernet/schemas/job-fact";
import type { Comparison } from "@infernet/schemas/verification";
import type { Machine, Work } from "../fleet/machine.ts";
import { compareSaid, RIGHT, type Said } from "../said.ts";
import { isOwnCommitment, rootOf } from "./commitments.ts";
import { findDrawSource } from "./draw-source.ts";
import { record } from "./record.ts";
import { settleSoon } from "./settle.ts";
import { machineOf, type Sim } from "./sim.ts";
import type { SimJob } from "./sim-job.ts";

export interface HandedIn {
  work: Work;
  said: Said;
  /** Whether the commitment is another's. */
  steals: boolean;
}

/** Takes what a machine hands in for one job: a fact for all of it, then whatever follows. */
export function submit(sim: Sim, job: SimJob, machine: Machine, handedIn: readonly HandedIn[]): void {
  const results: CommittedResult[] = [];
  for (const { work, said, steals } of handedIn) {
    machine.holds.delete(work.lease);
    const { shard } = work.task;
    if (classifyAnswer(job.progress, machine.id, work.lease, shard).kind !== "wanted") continue;
    if (results.some((result) => result.shard === shard)) continue;
    if (steals && !isOwnCommitment(job, machine, work)) {
      refuse(sim, job, machine, work);
      continue;
    }
    if (said !== RIGHT) job.said.set(work.lease, said);
    results.push(describeResult(job, machine, work, said));
  }
  if (results.length > 0) commit(sim, job, machine, results);
  settleSoon(sim, job);
}

function commit(sim: Sim, job: SimJob, machine: Machine, results: CommittedResult[]): void {
  const rows = results.reduce((sum, result) => sum + result.rows, 0);
  job.rows_taken.set(machine.id, (job.rows_taken.get(machine.id) ?? 0) + rows);
  if (machine.isHonest) sim.tally.honest_executions += results.length;
  for (const result of results) countCheck(sim, job, result);
  const source = results.some(({ role }) => role === "compute") ? findDrawSource(sim) : null;
  record(sim, job, decideCommitted(job.progress, machine.id, results, source, sim.clock.now_ms));
}

/** A commitment that is not its maker's own: refused, and the shard goes back. Nobody is convicted by it. */
function refuse(sim: Sim, job: SimJob, { id: runner }: Machine, { task, lease }: Work): void {
  sim.tally.refused += 1;
  if (!shardAt(job.progress.shards, task.shard).leases.some(({ id }) => id === lease)) return;
  record(sim, job, {
    kind: "returned",
    runner,
    reason: "failed",
    shards: [task.shard],
    code: "output_mismatch",
    detail: "the root is not the one that these outputs have in this lease",
  });
}

function describeResult(job: SimJob, machine: Machine, work: Work, said: Said): CommittedResult {
  const { task, lease: lease_id, rows } = work;
  return {
    shard: task.shard,
    role: task.role,
    of: task.of,
    lease_id,
    rows,
    leaf_rows: 1,
    root: rootOf(lease_id, said),
    signature: "A".repeat(86),
    output_sha256: NO_OUTPUT,
    output_bytes: 0,
    blob: false,
    execution_class: "onnx/1.30.0/cpu/fp32",
    compute_ms: (rows * machine.row_us) / 1_000,
    comparisons: compare(job, machine.id, work, said),
  };
}

const NO_OUTPUT = "0".repeat(64) as CommittedResult["output_sha256"];

/** As the edge compares: a check with the answer, a referee also with the check it decides, an answer with what was delivered. */
function compare(
  job: SimJob,
  runner: RunnerId,
  { task, lease, rows: count }: Work,
  said: Said,
): Comparison[] {
  const { shard: index, role, of } = task;
  const shard = shardAt(job.progress.shards, index);
  const hold = (other: Answer | null, list: () => readonly number[]): Comparison[] =>
    other === null
      ? []
      : [
          {
            ...NO_DISTANCE,
            with: other.runner,
            ...compareSaid(said, saidBy(job, other.lease_id), { count, list }),
          },
        ];
  if (role === "compute") return hold(shard.delivered, () => Array.from({ length: count }, (_, row) => row));
  const own = shard.checks.find((check) => check.runner === runner && check.role === role && check.of === of);
  if (own === undefined) throw new Error(`${lease} checks nothing`);
  const list = (): number[] => rowsOfCheck(job.plan, index, shard.checks, own);
  const disputed = shard.checks.find((check) => check.runner === of && isDisputed(check))?.answer ?? null;
  return [...hold(shard.answer, list), ...(role === "referee" ? hold(disputed, list) : [])];
}

const NO_DISTANCE = { deviation: null, angle: null };

export const saidBy = (job: SimJob, lease: LeaseId): Said => job.said.get(lease) ?? RIGHT;

/** Counts the checks that a liar's answers have had since its first lie. */
function countCheck(sim: Sim, job: SimJob, { shard, role }: CommittedResult): void {
  const maker = shardAt(job.progress.shards, shard).answer?.runner;
  if (role === "compute" || maker === undefined) return;
  const machine = machineOf(sim, maker);
  if (machine.checked_since_lie !== null) machine.checked_since_lie += 1;
}
