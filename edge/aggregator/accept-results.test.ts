import { env, evictDurableObject, reset } from "cloudflare:test";
import type { NewJob } from "@infernet/db/aggregator/jobs";
import { sha256 } from "@infernet/schemas/digest";
import { encodeTensors } from "@infernet/schemas/tensors-binary";
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
  runnerId,
  takeLeases,
  workOff,
} from "./testing/network.ts";

beforeEach(migrateIndex);
afterEach(reset);

const [anna, bert, carl] = [runnerId(1), runnerId(2), runnerId(3)];

async function resultOf(job: NewJob) {
  return unwrap(await aggregator().result(CLIENT, job.record.id)).bytes;
}

describe("accepting results", () => {
  it("merges the shards in row order, whatever order they come in", async () => {
    const job = newJob();
    await aggregator().create(job);
    const leases = [];
    for (let got = await takeLeases(job, anna); got.length > 0; got = await takeLeases(job, anna))
      leases.push(...got);
    await aggregator().submit(
      anna,
      leases.reverse().map((lease) => answerLease(lease)),
    );
    const done = unwrap(await aggregator().read(CLIENT, job.record.id, 5_000));
    expect(done.state).toBe("succeeded");
    expect(done.progress).toMatchObject({ shards: 4, shards_accepted: 4, rows_accepted: 8 });
    const bytes = await resultOf(job);
    expect(bytes).toEqual(encodeTensors([rowsTensor("y", 0, 8)]));
  });

  it("stores a shard's answer once and calls every repeat a duplicate", async () => {
    const job = newJob();
    await aggregator().create(job);
    const [lease] = await takeLeases(job, anna, 1);
    const answer = answerLease(lease ?? expect.fail("no lease"));
    const receipts = await Promise.all(Array.from({ length: 5 }, () => aggregator().submit(anna, [answer])));
    const statuses = receipts.flat().map((receipt) => receipt.status);
    expect(statuses.toSorted()).toEqual(["accepted", "duplicate", "duplicate", "duplicate", "duplicate"]);
    const { progress } = unwrap(await aggregator().read(CLIENT, job.record.id));
    expect(progress.shards_accepted).toBe(1);
  });

  it("refuses an answer under a lease that is another runner's or made up", async () => {
    const job = newJob();
    await aggregator().create(job);
    const [lease] = await takeLeases(job, anna, 1);
    const answer = answerLease(lease ?? expect.fail("no lease"));
    const [stolen] = await aggregator().submit(bert, [answer]);
    expect(stolen).toMatchObject({ status: "refused", code: "lease_unknown" });
    const [moved] = await aggregator().submit(anna, [{ ...answer, shard: 3 }]);
    expect(moved).toMatchObject({ status: "refused", code: "lease_unknown" });
  });

  it("calls an answer late when another runner's was accepted before", async () => {
    const job = newJob({ rows: 2 });
    await aggregator().create(job);
    const [lease] = await takeLeases(job, anna, 1);
    const handedBack = { ...answerLease(lease ?? expect.fail("no lease")), outcome: "handed_back" as const };
    const { lease_id, job_id, shard, outcome } = handedBack;
    await aggregator().submit(anna, [{ lease_id, job_id, shard, outcome }]);
    await workOff(job, bert);
    const [late] = await aggregator().submit(anna, [answerLease(lease ?? expect.fail("no lease"))]);
    expect(late?.status).toBe("late");
  });

  it("takes a shard back from a runner whose output has other rows than the lease, and says why", async () => {
    const job = newJob({ rows: 2 });
    await aggregator().create(job);
    const [lease] = await takeLeases(job, anna, 1);
    const answer = { ...answerLease(lease ?? expect.fail("no lease")), outputs: [rowsTensor("y", 0, 1)] };
    const [receipt] = await aggregator().submit(anna, [answer]);
    expect(receipt).toMatchObject({ status: "refused", code: "output_invalid" });
    const view = unwrap(await aggregator().read(CLIENT, job.record.id));
    expect(view.providers).toMatchObject([{ id: anna, shards_failed: 1, shards_committed: 0 }]);
  });

  it("fails the job with the runners' reason when a shard fails for good", async () => {
    const job = newJob({ rows: 2 });
    await aggregator().create(job);
    for (const runner of [anna, bert]) {
      const [lease] = await takeLeases(job, runner, 1);
      const { id: lease_id, job_id, shard } = lease ?? expect.fail("no lease");
      const failure = {
        lease_id,
        job_id,
        shard,
        outcome: "failed",
        code: "model_unloadable",
        detail: "not ONNX",
      } as const;
      await aggregator().submit(runner, [failure]);
    }
    const view = unwrap(await aggregator().read(CLIENT, job.record.id));
    expect(view.state).toBe("failed");
    expect(view.error).toMatchObject({ code: "shard_failed", detail: expect.stringContaining("not ONNX") });
  });

  it("takes a large output as a blob, and refuses one that was never uploaded", async () => {
    const job = newJob({ rows: 2 });
    await aggregator().create(job);
    const [lease] = await takeLeases(job, anna, 1);
    const answer = answerLease(lease ?? expect.fail("no lease"));
    // Outputs of this test alone: blobs outlive a reset.
    const bytes = encodeTensors([rowsTensor("y", 0, 2, Math.random())]);
    const digest = await sha256(bytes);
    const [missing] = await aggregator().submit(anna, [{ ...answer, outputs: digest }]);
    expect(missing).toMatchObject({ status: "refused", code: "output_invalid" });
    await storeBlob(createBlobStore(env), digest, bytes);
    const [again] = await takeLeases(job, bert, 1);
    const [stored] = await aggregator().submit(bert, [
      { ...answerLease(again ?? expect.fail("no lease")), outputs: digest },
    ]);
    expect(stored?.status).toBe("accepted");
    expect(unwrap(await aggregator().read(CLIENT, job.record.id, 5_000)).state).toBe("succeeded");
  });
});

describe("a quorum of two", () => {
  const quorum = { verification: { mode: "quorum", replicas: 2 } } as const;

  it("assigns the second replica only after the first has committed, and to another provider", async () => {
    const job = newJob({ rows: 2, ...quorum });
    await aggregator().create(job);
    const [first] = await takeLeases(job, anna);
    expect(await takeLeases(job, bert)).toEqual([]);
    await aggregator().submit(anna, [answerLease(first ?? expect.fail("no lease"))]);
    expect(await takeLeases(job, anna)).toEqual([]);
    const [second] = await takeLeases(job, bert);
    await aggregator().submit(bert, [answerLease(second ?? expect.fail("no lease"))]);
    expect(unwrap(await aggregator().read(CLIENT, job.record.id, 5_000)).state).toBe("succeeded");
  });

  it("asks a third provider when two differ, and convicts the outvoted one", async () => {
    const job = newJob({ rows: 2, ...quorum });
    await aggregator().create(job);
    for (const [runner, error] of [
      [bert, 1],
      [anna, 0],
      [carl, 0],
    ] as const) {
      const [lease] = await takeLeases(job, runner);
      await aggregator().submit(runner, [answerLease(lease ?? expect.fail("no lease"), error)]);
    }
    const done = unwrap(await aggregator().read(CLIENT, job.record.id, 5_000));
    expect(done.state).toBe("succeeded");
    expect(done.progress.shards_disputed).toBe(1);
    expect(done.providers.find((provider) => provider.id === bert)).toMatchObject({
      convicted: true,
      shards_outvoted: 1,
    });
    const bytes = await resultOf(job);
    expect(bytes).toEqual(encodeTensors([rowsTensor("y", 0, 2)]));
  });

  it("goes on from its log after the object was evicted between two answers", async () => {
    const job = newJob({ rows: 4, ...quorum });
    await aggregator().create(job);
    const leases = await takeLeases(job, anna);
    await aggregator().submit(
      anna,
      leases.map((lease) => answerLease(lease)),
    );
    const before = unwrap(await aggregator().read(CLIENT, job.record.id));
    await evictDurableObject(aggregator());
    expect(unwrap(await aggregator().read(CLIENT, job.record.id))).toEqual(before);
    await workOff(job, anna, bert);
    expect(unwrap(await aggregator().read(CLIENT, job.record.id, 5_000)).state).toBe("succeeded");
  });
});
