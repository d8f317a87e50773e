import { shardAt, shardRowCount } from "@infernet/protocol/job-progress";
import { decideLeases } from "@infernet/protocol/lease-rules";
import { isDisputed } from "@infernet/protocol/shard-state";
import type { LeaseId } from "@infernet/schemas/ids";
import type { Task } from "@infernet/schemas/job-fact";
import { LIMITS } from "@infernet/schemas/limits";
import type { Machine, Work } from "../fleet/machine.ts";
import { passedIn } from "./ledger.ts";
import { record } from "./record.ts";
import type { Sim } from "./sim.ts";
import type { SimJob } from "./sim-job.ts";

/** Gives a machine leases on tasks of one job. */
export function grantTasks(sim: Sim, job: SimJob, machine: Machine, leases_max: number): Work[] {
  const now_ms = sim.clock.now_ms;
  const ledger = sim.ledgers.get(machine.id);
  const passed = ledger === undefined ? 0 : passedIn(ledger, now_ms);
  machine.member.passed = passed;
  const tasks = decideLeases(job.progress, {
    runner: machine.id,
    leases_max,
    runners: sim.world.workers,
    passed,
    referee: machine.referee,
    chance: sim.luck.edge.next(),
    now_ms,
    deadline_ms: job.deadline_ms,
  });
  if (tasks.length === 0) return [];
  const grant = createGrant(job);
  const expires_ms = now_ms + LIMITS.lease_ms_default;
  record(sim, job, { kind: "leased", runner: machine.id, grant, tasks, expires_ms });
  return tasks.map((task) => {
    const lease = leaseOf(job, machine, task);
    machine.holds.add(lease);
    return { job, lease, task, rows: rowsOf(job, task) };
  });
}

/** The lease that a runner was just given on a task: it holds one on a shard at a time. */
function leaseOf({ progress }: SimJob, { id }: Machine, { shard }: Task): LeaseId {
  const lease = shardAt(progress.shards, shard).leases.findLast(({ runner }) => runner === id);
  if (lease === undefined) throw new Error(`${id} was given no lease on shard ${shard}`);
  return lease.id;
}

/** 32 hexadecimal digits. */
const createGrant = ({ index, progress }: SimJob): string =>
  index.toString(16).padStart(16, "0") + progress.seq.toString(16).padStart(16, "0");

/** As many as `rowsOfCheck` draws; which ones they are is found out only when it matters. */
function rowsOf({ plan, progress }: SimJob, { shard, role, of }: Task): number {
  const rows = shardRowCount(plan, shard);
  if (role === "compute" || role === "probe") return rows;
  const { checks } = shardAt(progress.shards, shard);
  const decided =
    role === "referee" ? checks.find((check) => check.runner === of && isDisputed(check)) : undefined;
  return decided?.answer?.rows ?? Math.min(rows, plan.verification.audit_rows);
}
