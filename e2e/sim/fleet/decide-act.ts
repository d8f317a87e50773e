import { makeDraw, requestFirstDraw } from "@infernet/protocol/draw-rules";
import { shardAt, shardRowCount } from "@infernet/protocol/job-progress";
import { isDisputed } from "@infernet/protocol/shard-state";
import type { RunnerId } from "@infernet/schemas/ids";
import { type Act, type Asked, coverFriend, TELL_TRUTH } from "../adversary.ts";
import { rootOf } from "../network/commitments.ts";
import { findDrawSource } from "../network/draw-source.ts";
import { machineOf, type Sim } from "../network/sim.ts";
import { saidBy } from "../network/submit.ts";
import type { Said } from "../said.ts";
import type { Machine, Work } from "./machine.ts";

/** What a machine does with a task when it is done with it: an honest one tells the truth, others as they think best. */
export function decideAct(sim: Sim, machine: Machine, work: Work): Act {
  const { mind } = machine;
  if (mind === null) return TELL_TRUTH;
  const { task, job } = work;
  const friend = friendOf(sim, work);
  const shard_rows = shardRowCount(job.plan, task.shard);
  const asked: Asked = {
    member: machine.member,
    job: job.index,
    jobs: sim.world.jobs,
    shard: task.shard,
    shard_rows,
    scattered: work.rows < shard_rows,
    friend,
    checkers: null,
    random: sim.luck.cabal,
  };
  if (asked.scattered || friend !== null || machine.referee) return (mind.check ?? coverFriend)(asked);
  return sim.world.early_draw && task.role === "compute"
    ? foresee(sim, machine, work, asked)
    : mind.answer(asked);
}

/** What a friend said that this task would be compared with. */
function friendOf(sim: Sim, { job, task }: Work): Said | null {
  if (task.role === "compute") return null;
  const { answer, checks } = shardAt(job.progress.shards, task.shard);
  const disputed = checks.find((check) => check.runner === task.of && isDisputed(check))?.answer ?? null;
  for (const other of [answer, disputed])
    if (other !== null && isLiar(sim, other.runner)) return saidBy(job, other.lease_id);
  return null;
}

const isLiar = (sim: Sim, runner: RunnerId): boolean => {
  const { mind, isHonest } = machineOf(sim, runner);
  return mind !== null && !isHonest;
};

/** The ablation: the epoch's seed is known too early, and with it who will check a lie. */
function foresee(sim: Sim, machine: Machine, { job, task, lease }: Work, asked: Asked): Act {
  const mind = machine.mind;
  if (mind === null) return TELL_TRUTH;
  const lie = mind.answer({ ...asked, checkers: { ours: Number.POSITIVE_INFINITY, others: 0 } });
  const request = requestFirstDraw(job.progress, task.shard, machine.id);
  if (lie.kind !== "lie" || request === null) return mind.answer(asked);
  const root = rootOf(lease, { lie: lie.lie, drift: 0 });
  const draw = makeDraw(job.progress, request, findDrawSource(sim), { runner: machine.id, root });
  const runners = draw?.runners ?? [];
  const ours = runners.filter((runner) => isLiar(sim, runner)).length;
  const act = mind.answer({ ...asked, checkers: { ours, others: runners.length - ours } });
  return act.kind === "lie" ? lie : act;
}
