import { env } from "cloudflare:test";
import type { NewJob } from "@infernet/db/aggregator/jobs";
import {
  type AccountId,
  formatAccountId,
  formatJobId,
  formatPartition,
  formatRunnerId,
  type RunnerId,
} from "@infernet/schemas/ids";
import { JobRecord } from "@infernet/schemas/job-record";
import { LIMITS } from "@infernet/schemas/limits";
import type { Lease, ShardDone } from "@infernet/schemas/runner";
import type { Tensor } from "@infernet/schemas/tensor";
import { encodeTensors } from "@infernet/schemas/tensors-binary";
import { uuidv7 } from "uuidv7";

const PARTITION = formatPartition(7);
export const CLIENT: AccountId = formatAccountId(uuidv7());

/** One object for all of a test's jobs, on whatever day the test's clock makes them. */
export const aggregator = () => env.AGGREGATOR.getByName("test");

/** A runner whose key is the byte `n` repeated. */
export const runnerId = (n: number): RunnerId => formatRunnerId(new Uint8Array(32).fill(n));

/** FP32 rows of two values: row r is [r, r + offset]. */
export function rowsTensor(name: string, start: number, count: number, offset = 0): Tensor {
  const values = new Float32Array(count * 2);
  for (let row = 0; row < count; row += 1) values.set([start + row, start + row + offset], row * 2);
  return { name, datatype: "FP32", shape: [count, 2], data: new Uint8Array(values.buffer) };
}

/** A job over rows of two floats, cut into shards of two rows unless said otherwise. */
export function newJob(changes: Partial<NewJob["record"]> = {}, rest: Partial<NewJob> = {}): NewJob {
  const rows = changes.rows ?? 8;
  const shard_rows = changes.shard_rows ?? 2;
  const now_ms = Date.now();
  const record = JobRecord.parse({
    id: formatJobId(PARTITION, uuidv7()),
    account_id: CLIENT,
    origin: "http://edge.test",
    created_ms: now_ms,
    deadline_ms: now_ms + 600_000,
    model: { digest: "a".repeat(64), name: "pairs" },
    engine: "onnx",
    memory_bytes: 0,
    outputs: [{ name: "y", datatype: "FP32", shape: [null, 2] }],
    inputs: [{ name: "x", datatype: "FP32", shape: [rows, 2] }],
    rows,
    shard_rows,
    shards: Math.ceil(rows / shard_rows),
    row_cost_us: 1_000,
    merge: "concat",
    verification: { mode: "none" },
    requirements: {},
    offer: null,
    quoted_micro: "1",
    webhook: null,
    metadata: {},
    ...changes,
  });
  return { record, input: encodeTensors([rowsTensor("x", 0, rows)]), idempotency: null, ...rest };
}

/** The answer of a runner that computes y = x, plus `error` where it cheats. */
export function answerLease(lease: Lease, error = 0): ShardDone {
  return {
    lease_id: lease.id,
    job_id: lease.job_id,
    shard: lease.shard,
    outcome: "done",
    execution_class: "onnx/1.30.0/cpu/fp32",
    compute_ms: 1,
    outputs: [rowsTensor("y", lease.rows.start, lease.rows.count, error)],
  };
}

/** Leases for a runner, as many as it may get. */
export async function takeLeases(
  job: NewJob,
  runner: RunnerId,
  leases_max: number = LIMITS.leases_per_poll_max,
) {
  const { leases } = await aggregator().lease({ job_id: job.record.id, runner, leases_max, runners: 1 });
  return leases;
}

/** Has honest runners take and answer leases until none is left to take. */
export async function workOff(job: NewJob, ...runners: RunnerId[]): Promise<void> {
  for (let idle = 0; idle < runners.length; ) {
    for (const runner of runners) {
      const leases = await takeLeases(job, runner);
      idle = leases.length === 0 ? idle + 1 : 0;
      if (leases.length > 0)
        await aggregator().submit(
          runner,
          leases.map((lease) => answerLease(lease)),
        );
    }
  }
}
