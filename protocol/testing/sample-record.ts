import { JobRecord } from "@infernet/schemas/job-record";
import { sampleAccount, sampleJob } from "./sample-ids.ts";

/** The record of a job of three shards: two of ten rows and one of five, four rows of each audited once. */
export const sampleRecord: JobRecord = JobRecord.parse({
  id: sampleJob(1),
  account_id: sampleAccount(1),
  origin: "https://edge.test",
  created_ms: 1_000_000,
  deadline_ms: 4_600_000,
  model: { digest: "1".repeat(64), name: null },
  engine: "onnx",
  memory_bytes: 1_000_000,
  outputs: [{ name: "scores", datatype: "FP32", shape: [null, 10] }],
  inputs: [{ name: "images", datatype: "UINT8", shape: [25, 784] }],
  rows: 25,
  shard_rows: 10,
  shards: 3,
  row_cost_us: 60,
  merge: "concat",
  verification: { mode: "audit", auditors: 1, rows_share: 0.4 },
  plan: { mode: "audit", auditors: 1, audit_rows: 4, error_max: null },
  requirements: {},
  offer: null,
  price: { unit: "credit", escrow: null, quoted_micro: "125", priced_rows: 37, fee_bps: 100 },
  webhook: null,
  metadata: { batch: "7" },
});
