import { Draft } from "@infernet/protocol/draft";
import { createProgress } from "@infernet/protocol/job-progress";
import { pricedOperations, pricedRows, quotePrice } from "@infernet/protocol/price";
import { computeFactor, expectedAuditors } from "@infernet/protocol/verification-plan";
import { formatJobId, formatPartition } from "@infernet/schemas/ids";
import { Unit } from "@infernet/schemas/ledger";
import { LIMITS } from "@infernet/schemas/limits";
import { renderMicro } from "@infernet/schemas/money";
import { setAlarm } from "./alarm.ts";
import { offer } from "./record.ts";
import type { Sim } from "./sim.ts";
import type { SimJob } from "./sim-job.ts";

/** So dear that rounding to whole micro-units does not show. */
const MICRO_PER_CORE_HOUR = 10_000_000_000n;
const UNIT = Unit.parse("credit");
const FEE_BPS = 100;

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
  const priced_rows = pricedRows(plan.rows, factor);
  const quoted = quotePrice({
    priced_rows,
    operations_per_row: pricedOperations({ kind: "declared", reason: "simulated" }, world.row_cost_us),
    micro_per_core_hour: MICRO_PER_CORE_HOUR,
    micro_per_job: 0n,
  });
  const draft = new Draft(createProgress(plan, clock.now_ms));
  const job: SimJob = {
    index,
    plan,
    draft,
    get progress() {
      return draft.now;
    },
    price: { unit: UNIT, escrow: null, quoted_micro: renderMicro(quoted), priced_rows, fee_bps: FEE_BPS },
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
