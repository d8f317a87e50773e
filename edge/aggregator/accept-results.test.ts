import { env, reset } from "cloudflare:test";
import type { NewJob } from "@infernet/db/aggregator/jobs";
import { sha256 } from "@infernet/schemas/digest";
import type { Lease } from "@infernet/schemas/runner";
import { encodeTensors } from "@infernet/schemas/tensors-binary";
import { createTestSigner, type TestSigner } from "@infernet/schemas/testing/sign-commitment";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createBlobStore } from "../blobs/create-blob-store.ts";
import { storeBlob } from "../blobs/store-blob.ts";
import { unwrap } from "../rpc.ts";
import { migrateIndex } from "../testing/migrate-index.ts";
import {
  aggregator,
  answerLease,
  CLIENT,
  newJob,
  rowsTensor,
  takeLeases,
  workOff,
} from "./testing/network.ts";

beforeEach(migrateIndex);
afterEach(reset);

const [anna, bert] = [await createTestSigner(1), await createTestSigner(2)];

async function takeOne(job: NewJob, runner: TestSigner): Promise<Lease> {
  const [lease] = await takeLeases(job, runner, { leases_max: 1 });
  return lease ?? expect.fail("no lease");
}

describe("accepting results", () => {
  it("merges the shards in row order, whatever order they come in", async () => {
    const job = newJob();
    await aggregator().create(job);
    const leases = [];
    for (let got = await takeLeases(job, anna); got.length > 0; got = await takeLeases(job, anna))
      leases.push(...got);
    const answers = await Promise.all(leases.reverse().map((lease) => answerLease(anna, lease)));
    await aggregator().submit(anna.id, answers);
    const done = unwrap(await aggregator().read(CLIENT, job.record.id, 5_000));
    expect(done.state).toBe("succeeded");
    expect(done.progress).toMatchObject({ shards: 4, shards_accepted: 4, rows_accepted: 8 });
    const { bytes } = unwrap(await aggregator().result(CLIENT, job.record.id));
    expect(bytes).toEqual(encodeTensors([rowsTensor("y", 0, 8)]));
  });

  it("stores a shard's answer once and calls every repeat a duplicate", async () => {
    const job = newJob();
    await aggregator().create(job);
    const answer = await answerLease(anna, await takeOne(job, anna));
    const receipts = await Promise.all(
      Array.from({ length: 5 }, () => aggregator().submit(anna.id, [answer])),
    );
    const statuses = receipts.flat().map((receipt) => receipt.status);
    expect(statuses.toSorted()).toEqual(["accepted", "duplicate", "duplicate", "duplicate", "duplicate"]);
    const { progress } = unwrap(await aggregator().read(CLIENT, job.record.id));
    expect(progress.shards_accepted).toBe(1);
  });

  it("takes a shard once from one submission", async () => {
    const job = newJob();
    await aggregator().create(job);
    const answer = await answerLease(anna, await takeOne(job, anna));
    const receipts = await aggregator().submit(anna.id, [answer, answer]);
    expect(receipts.map(({ status }) => status).toSorted()).toEqual(["accepted", "duplicate"]);
  });

  it("refuses an answer under a lease that is another runner's or made up", async () => {
    const job = newJob();
    await aggregator().create(job);
    const lease = await takeOne(job, anna);
    const [stolen] = await aggregator().submit(bert.id, [await answerLease(bert, lease)]);
    expect(stolen).toMatchObject({ status: "refused", code: "lease_unknown" });
    const [moved] = await aggregator().submit(anna.id, [
      await answerLease(anna, { ...lease, shard: (lease.shard + 1) % 4 }),
    ]);
    expect(moved).toMatchObject({ status: "refused", code: "lease_unknown" });
  });

  it("calls an answer late when another runner's was accepted before", async () => {
    const job = newJob({ rows: 2 });
    await aggregator().create(job);
    const lease = await takeOne(job, anna);
    const { id: lease_id, job_id, shard } = lease;
    await aggregator().submit(anna.id, [{ lease_id, job_id, shard, outcome: "handed_back" }]);
    await workOff(job, bert);
    const [late] = await aggregator().submit(anna.id, [await answerLease(anna, lease)]);
    expect(late?.status).toBe("late");
  });

  it("fails the job with the runners' reason when a shard fails for good", async () => {
    const job = newJob({ rows: 2 });
    await aggregator().create(job);
    for (const runner of [anna, bert]) {
      const { id: lease_id, job_id, shard } = await takeOne(job, runner);
      const failure = {
        lease_id,
        job_id,
        shard,
        outcome: "failed",
        code: "model_unloadable",
        detail: "not ONNX",
      } as const;
      await aggregator().submit(runner.id, [failure]);
    }
    const view = unwrap(await aggregator().read(CLIENT, job.record.id));
    expect(view.state).toBe("failed");
    expect(view.error).toMatchObject({ code: "shard_failed", detail: expect.stringContaining("not ONNX") });
  });

  it("takes a large output as a blob, and refuses one that was never uploaded", async () => {
    const job = newJob({ rows: 2 });
    await aggregator().create(job);
    // Outputs of this test alone: blobs outlive a reset.
    const outputs = [rowsTensor("y", 0, 2, Math.random())];
    const bytes = encodeTensors(outputs);
    const digest = await sha256(bytes);
    const answer = await answerLease(anna, await takeOne(job, anna), outputs);
    const [missing] = await aggregator().submit(anna.id, [{ ...answer, outputs: digest }]);
    expect(missing).toMatchObject({ status: "refused", code: "output_invalid" });
    await storeBlob(createBlobStore(env), digest, bytes);
    const again = await answerLease(bert, await takeOne(job, bert), outputs);
    const [stored] = await aggregator().submit(bert.id, [{ ...again, outputs: digest }]);
    expect(stored).toMatchObject({ status: "accepted" });
    expect(unwrap(await aggregator().read(CLIENT, job.record.id, 5_000)).state).toBe("succeeded");
  });
});
