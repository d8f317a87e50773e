import { reset } from "cloudflare:test";
import type { NewJob } from "@infernet/db/aggregator/jobs";
import { NetworkId } from "@infernet/schemas/commitment";
import { Sha256 } from "@infernet/schemas/digest";
import type { Lease, ShardDone } from "@infernet/schemas/runner";
import { createTestSigner, signCommitment, type TestSigner } from "@infernet/schemas/testing/sign-commitment";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { unwrap } from "../rpc.ts";
import { migrateIndex } from "../testing/migrate-index.ts";
import {
  aggregator,
  answerLease,
  CLIENT,
  computeLease,
  newJob,
  rowsTensor,
  takeLeases,
} from "./testing/network.ts";

beforeEach(migrateIndex);
afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

const [anna, bert] = [await createTestSigner(1), await createTestSigner(2)];

/** A job of two shards, one leased to anna. */
async function begin(changes: Partial<NewJob["record"]> = {}): Promise<{ job: NewJob; lease: Lease }> {
  const job = newJob({ rows: 4, ...changes });
  await aggregator().create(job);
  const [lease] = await takeLeases(job, anna, { leases_max: 1 });
  return { job, lease: lease ?? expect.fail("no lease") };
}

/** Anna hands this in; it is refused under `code`, counts as her failure, and convicts nobody. */
async function expectRefused(job: NewJob, answer: ShardDone, code: string): Promise<void> {
  const receipts = await aggregator().submit(anna.id, [answer]);
  expect(receipts).toMatchObject([{ status: "refused", code }]);
  expect(receipts[0]?.detail).toBeTruthy();
  const { providers, progress } = unwrap(await aggregator().read(CLIENT, job.record.id));
  expect(progress).toMatchObject({ shards_leased: 0, shards_committed: 0, shards_disputed: 0 });
  expect(providers).toMatchObject([{ id: anna.id, shards_failed: 1, convicted: false }]);
}

const other = (root: string): Sha256 =>
  Sha256.parse(root.replace(/^./, (digit) => (digit === "0" ? "1" : "0")));

/** An answer whose commitment was made by `by` and bound to something else than the lease says. */
async function answerBound(
  by: TestSigner,
  lease: Lease,
  changes: Partial<Parameters<typeof signCommitment>[1]>,
): Promise<ShardDone> {
  const answer = await answerLease(anna, lease);
  const { job_id, shard, lease_id, execution_class } = answer;
  const network = NetworkId.parse(`net_${"A".repeat(43)}`);
  const bound = { network, job_id, shard, lease_id, model: lease.model, execution_class, ...changes };
  return { ...answer, ...(await signCommitment(by, bound, [computeLease(lease)])) };
}

describe("an answer is refused, under its own code, and its task goes to somebody else", () => {
  it("commitment_mismatch: when the root is not that of the rows", async () => {
    const { job, lease } = await begin();
    const lied = await answerLease(anna, lease, 1);
    await expectRefused(job, { ...lied, outputs: [computeLease(lease)] }, "commitment_mismatch");
    const again = await takeLeases(job, bert);
    expect(again.map(({ rows }) => rows)).toContainEqual(lease.rows);
  });

  it("commitment_leaves: when the leaves are cut otherwise than the outputs say", async () => {
    const { job, lease } = await begin();
    await expectRefused(job, { ...(await answerLease(anna, lease)), leaf_rows: 1 }, "commitment_leaves");
  });

  it("commitment_signature: when the signature is for another root", async () => {
    const { job, lease } = await begin();
    const answer = await answerLease(anna, lease);
    await expectRefused(job, { ...answer, root: other(answer.root) }, "commitment_signature");
  });

  it("commitment_signature: when it is another runner's, who had the same rows", async () => {
    const { job, lease } = await begin();
    const { root, leaf_rows, signature } = await answerLease(bert, lease);
    await expectRefused(
      job,
      { ...(await answerLease(anna, lease)), root, leaf_rows, signature },
      "commitment_signature",
    );
  });

  it("commitment_signature: when it was made for another network", async () => {
    const { job, lease } = await begin();
    await expectRefused(job, await answerBound(anna, lease, {}), "commitment_signature");
  });

  it("commitment_signature: when it is replayed from another job", async () => {
    const first = await begin();
    const made = await answerLease(anna, first.lease);
    const { job, lease } = await begin();
    const { root, leaf_rows, signature } = made;
    await expectRefused(
      job,
      { ...(await answerLease(anna, lease)), root, leaf_rows, signature },
      "commitment_signature",
    );
  });

  it("commitment_signature: when it is replayed from another lease on the same shard", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { job, lease } = await begin({ rows: 2 });
    const made = await answerLease(anna, lease);
    const { id: lease_id, job_id, shard } = lease;
    await aggregator().submit(anna.id, [{ lease_id, job_id, shard, outcome: "handed_back" }]);
    vi.setSystemTime(Date.now() + 3_000);
    const [again] = await takeLeases(job, anna);
    const replayed = { ...made, lease_id: again?.id ?? expect.fail("no lease") };
    await expectRefused(job, replayed, "commitment_signature");
  });

  it("execution_class_unknown: when it is of another engine, or of a provider that the job did not ask for", async () => {
    const { job, lease } = await begin();
    const answer = await answerLease(anna, lease);
    await expectRefused(
      job,
      { ...answer, execution_class: "llama/1.0.0/cpu/fp32" },
      "execution_class_unknown",
    );
    const asked = await begin({ requirements: { execution_provider: "webgpu" } });
    await expectRefused(asked.job, await answerLease(anna, asked.lease), "execution_class_unknown");
  });

  it("output_rows: when it has other rows than the lease", async () => {
    const { job, lease } = await begin();
    const answer = await answerLease(anna, lease, [rowsTensor("y", 0, 1)]);
    await expectRefused(job, answer, "output_rows");
  });

  it("output_invalid: when it is none of the model's outputs", async () => {
    const { job, lease } = await begin();
    const answer = await answerLease(anna, lease, [rowsTensor("z", 0, 2)]);
    await expectRefused(job, answer, "output_invalid");
  });
});
