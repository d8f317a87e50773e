import { stealthBound } from "@infernet/protocol/credibility";
import { payWeights } from "@infernet/protocol/pay-weight";
import { settle } from "@infernet/protocol/settlement";
import type { RunnerId } from "@infernet/schemas/ids";
import { countStanding } from "./count-wrong.ts";
import { totalsOf } from "./network/ledger.ts";
import { machineOf, type Sim } from "./network/sim.ts";
import type { SimJob } from "./network/sim-job.ts";
import type { Tally } from "./tally.ts";

/** The counts of a run that is over. */
export function measure(sim: Sim): Tally {
  const { tally } = sim;
  for (const job of sim.jobs) {
    const wrong = countStanding(job);
    tally.wrong_final += job.delivered_ms === null ? 0 : wrong.shards;
    tally.wrong_rows_final += job.delivered_ms === null ? 0 : wrong.rows;
    tally.refunded_micro += Number(job.progress.recall?.refund_micro ?? 0);
    countUnpaid(sim, job);
  }
  tally.liars = sim.machines.filter(({ isHonest }) => !isHonest).length;
  tally.imbalance_micro = Number(balance(sim));
  tally.stealth_bound = meanBound(sim);
  return tally;
}

/** A provider's pay for one job, as its ledger has it. */
function earnedIn(sim: Sim, job: SimJob): Map<RunnerId, bigint> {
  const earned = new Map<RunnerId, bigint>();
  for (const [runner, { common }] of sim.ledgers) {
    const work = common.get(job.plan.job_id);
    if (work?.kind === "work") earned.set(runner, BigInt(work.tally.earned_micro));
  }
  return earned;
}

/** Rows that honest machines handed in and that nobody pays: their pay falls short of the rate that the best paid have. */
function countUnpaid(sim: Sim, job: SimJob): void {
  if (job.delivered_ms === null) return;
  const earned = earnedIn(sim, job);
  const weights = payWeights(job.progress, job.rows_taken.keys());
  /** Pay for each row, as if all rows weighed alike. */
  const payOf = (runner: RunnerId): number => Number(earned.get(runner) ?? 0n) / (weights.get(runner) ?? 1);
  let rate = 0;
  for (const [runner, rows] of job.rows_taken) rate = Math.max(rate, payOf(runner) / rows);
  for (const [runner, rows] of job.rows_taken) {
    if (!machineOf(sim, runner).isHonest) continue;
    sim.tally.honest_rows += rows;
    const paid = rate === 0 ? 0 : Math.round(payOf(runner) / rate);
    sim.tally.honest_rows_unpaid += Math.max(0, rows - paid);
  }
}

/**
 * Job by job, the providers' part of what the client paid, less what came back, and less what those of them have earned
 * who were not convicted: nothing. And ledger by ledger: what was earned is held, ripe or taken back.
 */
function balance(sim: Sim): bigint {
  let out = 0n;
  for (const job of sim.jobs) {
    if (job.delivered_ms === null) continue;
    const { shared } = settle(job.progress, job.price);
    let earned = 0n;
    for (const [runner, micro] of earnedIn(sim, job))
      if (!job.progress.convicted.has(runner)) earned += micro;
    out += beyond(shared - earned, 0n);
  }
  for (const ledger of sim.ledgers.values()) {
    const totals = totalsOf(ledger, sim.clock.now_ms);
    const held = totals.held.reduce((sum, { micro }) => sum + BigInt(micro), BigInt(totals.ripe_micro));
    const earned = [...ledger.common.values()].reduce(
      (sum, event) => sum + (event.kind === "work" ? BigInt(event.tally.earned_micro) : 0n),
      0n,
    );
    out += beyond(earned - held - BigInt(totals.taken_back_micro), 0n);
  }
  return out;
}

/** How far a difference lies outside of 0 to `most`. */
const beyond = (left: bigint, most: bigint): bigint => (left < 0n ? -left : left > most ? left - most : 0n);

/** The mean of the stealth bounds that are published of the workers that are left and have answered anything. */
function meanBound(sim: Sim): number {
  const left = sim.machines.filter(({ referee, isBanned }) => !referee && !isBanned);
  const bounds = left.flatMap(({ id }) => stealthBound(rowsAudited(sim, id)) ?? []);
  return bounds.reduce((sum, bound) => sum + bound, 0) / Math.max(1, bounds.length);
}

function rowsAudited(sim: Sim, runner: RunnerId): number {
  const ledger = sim.ledgers.get(runner);
  return ledger === undefined ? 0 : totalsOf(ledger, sim.clock.now_ms).rows_audited;
}
