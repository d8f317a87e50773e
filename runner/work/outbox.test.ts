import { Sha256 } from "@infernet/schemas/digest";
import { ExecutionClass } from "@infernet/schemas/execution-class";
import { formatJobId, formatLeaseId, formatPartition } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { ShardDone, Submission } from "@infernet/schemas/runner";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createOutbox, type Outbox } from "./outbox.ts";

const UUID = "019aa5d0c1f07c3e8f2b6d4e5a901122";
const partition = formatPartition(1);
const job_id = formatJobId(partition, UUID);
const LEFT_MS = 15_000;

const done = (shard: number, bytes = 1): ShardDone => ({
  lease_id: formatLeaseId(partition, UUID, shard),
  job_id,
  shard,
  outcome: "done",
  execution_class: ExecutionClass.parse("onnx/1/cpu/fp32"),
  compute_ms: 1,
  root: Sha256.parse("0".repeat(64)),
  leaf_rows: 1,
  signature: "A".repeat(86),
  outputs: [{ name: "y", datatype: "UINT8", shape: [1, bytes], data: new Uint8Array(bytes) }],
});

describe("the outbox", () => {
  let outbox: Outbox;
  let jobs_at_work: Set<typeof job_id>;
  let isDraining: boolean;
  /** Shards of each submission, in the order of sending. */
  let sent: number[][];
  /** Lets the submission that is under way end. */
  let answer: () => void;

  beforeEach(() => {
    vi.useFakeTimers();
    jobs_at_work = new Set([job_id]);
    isDraining = false;
    sent = [];
    outbox = createOutbox({
      submit: async ({ results }: Submission) => {
        sent.push(results.map(({ shard }) => shard));
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
        const receipts = results.map(({ lease_id }) => ({
          lease_id,
          status: "accepted" as const,
          code: null,
          detail: null,
        }));
        return { receipts };
      },
      onReceipts: () => undefined,
      situation: () => ({ jobs_at_work, isDraining }),
    });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("keeps results while their job goes on, then sends them together", async () => {
    outbox.add(done(0), LEFT_MS);
    await vi.advanceTimersByTimeAsync(LIMITS.submission_linger_ms - 1);
    outbox.add(done(1), LEFT_MS);
    expect(sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(sent).toEqual([[0, 1]]);
  });

  it("sends at once, without a timer, when the job has no more work here", () => {
    outbox.add(done(0), LEFT_MS);
    jobs_at_work.clear();
    outbox.add(done(1), LEFT_MS);
    expect(sent).toEqual([[0, 1]]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("sends what waits when the runner drains", () => {
    outbox.add(done(0), LEFT_MS);
    isDraining = true;
    outbox.review();
    expect(sent).toEqual([[0]]);
  });

  it("has one submission under way; what finishes meanwhile goes into the next", async () => {
    jobs_at_work.clear();
    for (const shard of [0, 1, 2]) outbox.add(done(shard), LEFT_MS);
    await vi.advanceTimersByTimeAsync(LIMITS.submission_linger_ms);
    expect(sent).toEqual([[0]]);
    expect(outbox.size).toBe(3);
    answer();
    await vi.advanceTimersByTimeAsync(0);
    expect(sent).toEqual([[0], [1, 2]]);
    answer();
    await vi.advanceTimersByTimeAsync(0);
    expect(outbox.size).toBe(0);
  });

  it("sends no more inline than a submission holds, and the rest in its own time", async () => {
    const most = LIMITS.inline_output_bytes_max - 1;
    outbox.add(done(0, most), LEFT_MS);
    outbox.add(done(1, 2), LEFT_MS);
    expect(sent).toEqual([[0]]);
    answer();
    await vi.advanceTimersByTimeAsync(LIMITS.submission_linger_ms - 1);
    expect(sent).toEqual([[0]]);
    await vi.advanceTimersByTimeAsync(1);
    expect(sent).toEqual([[0], [1]]);
  });
});
