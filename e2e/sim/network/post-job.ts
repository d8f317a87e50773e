import { Draft } from "@infernet/protocol/draft";
import { createProgress } from "@infernet/protocol/job-progress";
import { quotePrice } from "@infernet/protocol/price";
import { computeFactor, expectedAuditors } from "@infernet/protocol/verification-plan";
import { formatJobId, formatPartition } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { setAlarm } from "./alarm.ts";
import { offer } from "./record.ts";
import type { Sim } from "./sim.ts";
import type { SimJob } from "./sim-job.ts";

/** So dear that rounding to whole micro-units does not show. */
const MICRO_PER_CORE_HOUR = 10_000_000_000n;

export function postJob(sim: Sim): SimJob {
  const { world, clock } = sim;
  const { shards_per_job: shards, shard_rows } = world;
  const index = sim.jobs.length;
  const id = formatJobId(
    formatPartition(1),
    clock.now_ms.toString(16).padStart(12, "0") + index.toString(16).padStart(20, "0"),
  );
  const plan = { job_id: id, rows: shards * shard_rows, shard_rows, shards, verification: sim.plan };
  const factor = computeFactor(sim.plan, expectedAuditors(sim.plan, 0), shard_rows);
  const draft = new Draft(createProgress(plan, clock.now_ms));
  const job: SimJob = {
    index,
    plan,
    draft,
    get progress() {
      return draft.now;
    },
    quoted_micro: quotePrice({
      rows: plan.rows,
      row_cost_us: world.row_cost_us,
      compute_factor: factor,
      micro_per_core_hour: MICRO_PER_CORE_HOUR,
    }),
    posted_ms: clock.now_ms,
    deadline_ms: clock.now_ms + LIMITS.job_deadline_ms_default,
    said: new Map(),
    ready: shards,
    slow: 0,
    rows_taken: new Map(),
    reported: new Set(),
    hasAlarm: false,
    isSettling: false,
    delivered_ms: null,
  };
  sim.jobs.push(job);
  offer(sim, job);
  setAlarm(sim, job);
  return job;
}
