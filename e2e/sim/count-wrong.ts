import { shardAt, shardRowCount } from "@infernet/protocol/job-progress";
import type { Sim } from "./network/sim.ts";
import type { SimJob } from "./network/sim-job.ts";
import { saidBy } from "./network/submit.ts";
import { countWrong } from "./said.ts";

/** Wrong shards and rows among the answers that stand in a job now. */
export function countStanding(job: SimJob): { shards: number; rows: number } {
  let shards = 0;
  let rows = 0;
  if (job.said.size === 0) return { shards, rows };
  for (let index = 0; index < job.plan.shards; index += 1) {
    const { answer } = shardAt(job.progress.shards, index);
    const wrong =
      answer === null ? 0 : countWrong(saidBy(job, answer.lease_id), shardRowCount(job.plan, index));
    rows += wrong;
    if (wrong > 0) shards += 1;
  }
  return { shards, rows };
}

/** What the client got of a job at its end. */
export function countDelivered({ tally }: Sim, job: SimJob): void {
  const wrong = countStanding(job);
  tally.shards += job.plan.shards;
  tally.rows += job.plan.rows;
  tally.wrong_delivered += wrong.shards;
  tally.wrong_rows_delivered += wrong.rows;
}
