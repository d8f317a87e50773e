import { createProgress } from "@infernet/protocol/job-progress";
import { renderJob } from "@infernet/protocol/job-view";
import { sampleAccount, sampleJob } from "@infernet/protocol/testing/sample-ids";
import type { Job } from "@infernet/schemas/job";
import { JobRecord } from "@infernet/schemas/job-record";
import type { TokenUsage } from "@infernet/schemas/llm/generation";
import { StreamRecord } from "../../aggregator/stream-records.ts";

export const sampleUsage: TokenUsage = { prompt_tokens: 5, cached_tokens: 1, completion_tokens: 3 };

/** A job of so many completions, of which 1,000 units are quoted at 500 micro-units. */
export function sampleAnswerJob(rows: number): Job {
  const plan = { mode: "none", auditors: 0, audit_rows: 0, error_max: null } as const;
  const record = JobRecord.parse({
    id: sampleJob(1),
    account_id: sampleAccount(1),
    origin: "http://edge.test",
    created_ms: 0,
    deadline_ms: 1,
    model: { digest: "ab".repeat(32), name: "tinylm" },
    engine: "llm",
    memory_bytes: 0,
    outputs: [{ name: "generation", datatype: "BYTES", shape: [null] }],
    inputs: [{ name: "request", datatype: "BYTES", shape: [rows] }],
    rows,
    shard_rows: 1,
    shards: rows,
    row_cost_us: 1,
    merge: "concat",
    verification: { mode: "none" },
    plan,
    requirements: {},
    offer: null,
    price: { unit: "credit", escrow: null, quoted_micro: "500", priced_rows: 1_000, fee_bps: 100 },
    webhook: null,
    metadata: {},
  });
  const shape = { job_id: record.id, rows, shard_rows: 1, shards: rows, verification: plan };
  return renderJob(record, createProgress(shape, 0));
}

/** Positions with these texts, and how likely each was where `logprobs`. */
export const sampleParts = (
  shard: number,
  start: number,
  texts: readonly string[],
  logprobs = false,
): StreamRecord =>
  StreamRecord.parse({
    kind: "parts",
    shard,
    start,
    parts: texts.map((text, at) => ({
      token: at,
      text,
      logprob: logprobs
        ? {
            token: text,
            logprob: -0.5,
            bytes: null,
            top_logprobs: [{ token: text, logprob: -0.5, bytes: null }],
          }
        : null,
    })),
  });
