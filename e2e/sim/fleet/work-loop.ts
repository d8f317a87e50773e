import { shardAt } from "@infernet/protocol/job-progress";
import { LIMITS } from "@infernet/schemas/limits";
import type { Act } from "../adversary.ts";
import { wake } from "../network/dispatch.ts";
import { isReachable, type Sim } from "../network/sim.ts";
import { type HandedIn, submit } from "../network/submit.ts";
import { RIGHT } from "../said.ts";
import { decideAct } from "./decide-act.ts";
import type { Machine, Work } from "./machine.ts";

/** Takes up the next task, one at a time. */
export function startNext(sim: Sim, machine: Machine): void {
  while (!machine.isBusy) {
    const work = machine.queue.shift();
    if (work === undefined) break;
    if (isReachable(sim, machine) && !isHeld(work)) machine.holds.delete(work.lease);
    else start(sim, machine, work);
  }
}

/** Whether the lease is still the machine's: heartbeats tell. */
const isHeld = ({ job, lease, task }: Work): boolean =>
  shardAt(job.progress.shards, task.shard).leases.some(({ id }) => id === lease);

function start(sim: Sim, machine: Machine, work: Work): void {
  machine.isBusy = true;
  const { crashes } = machine;
  sim.clock.at(sim.clock.now_ms + (work.rows * machine.row_us * sim.world.row_cost_us) / 1_000, () => {
    if (machine.crashes !== crashes) return;
    machine.isBusy = false;
    if (!machine.isBanned) finish(sim, machine, work);
    startNext(sim, machine);
    wake(sim, machine);
  });
}

function finish(sim: Sim, machine: Machine, work: Work): void {
  const act = decideAct(sim, machine, work);
  if (act.kind === "withhold") {
    if (!act.heartbeats) machine.holds.delete(work.lease);
    return;
  }
  if (act.kind !== "steal") countRows(sim, machine, work);
  if (act.kind === "lie") machine.checked_since_lie ??= 0;
  if (work.task.role === "compute") machine.member.answers += 1;
  else machine.member.checks += 1;
  machine.outbox.push({ work, said: saidOf(machine, act), steals: act.kind === "steal" });
  if (machine.isFlushing) return;
  machine.isFlushing = true;
  // Finished work waits a little for more, to travel together.
  sim.clock.at(sim.clock.now_ms + LIMITS.submission_linger_ms, () => flush(sim, machine));
}

function saidOf(machine: Machine, act: Act) {
  if (act.kind === "lie") return { lie: act.lie, drift: 0 };
  if (act.kind === "repeat") return act.said;
  return act.kind === "steal" ? RIGHT : machine.truth;
}

function countRows({ tally }: Sim, { referee }: Machine, { rows, task }: Work): void {
  tally.rows_computed += rows;
  if (referee || task.role === "referee") tally.rows_by_referees += rows;
  if (task.role === "probe" || task.role === "plant") tally.rows_by_probes += rows;
}

function flush(sim: Sim, machine: Machine): void {
  if (!isReachable(sim, machine)) {
    sim.clock.at(machine.away_until_ms, () => flush(sim, machine));
    return;
  }
  machine.isFlushing = false;
  const { outbox } = machine;
  machine.outbox = [];
  if (machine.isBanned) return;
  for (const [job, ofJob] of Map.groupBy<unknown, HandedIn>(outbox, ({ work }) => work.job))
    submit(sim, job as Work["job"], machine, ofJob);
}
