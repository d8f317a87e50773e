import { encodeBinary } from "@infernet/schemas/binary";
import { Problem } from "@infernet/schemas/problem";
import { type Lease, rowsIn, type ShardDone } from "@infernet/schemas/runner";
import type { Tensor } from "@infernet/schemas/tensor";
import { beforeAll, expect, test } from "vitest";
import { TINY_SHAPE } from "../fixtures/onnx-model.ts";
import { followJob } from "../network/follow-job.ts";
import { createHandRunner, type HandRunner } from "../network/hand-runner.ts";
import { tinyJob, uploadTinyModel } from "./tiny-job.ts";
import { useEdge } from "./use-edge.ts";

const live = useEdge({ LEASE_MS: "3000" });
let runner: HandRunner;

beforeAll(async () => {
  await uploadTinyModel(live.client);
  runner = await createHandRunner(live.edge.url);
});

/** Outputs of the right shape for a lease, all zeros. */
function zeros(lease: Lease, rows = rowsIn(lease.rows)): Tensor[] {
  const data = new Uint8Array(rows * TINY_SHAPE.outputs * Float32Array.BYTES_PER_ELEMENT);
  return [{ name: "y", datatype: "FP32", shape: [rows, TINY_SHAPE.outputs], data }];
}

async function submit(by: HandRunner, result: ShardDone) {
  const { receipts } = await by.edge.submit({ results: [result] }, by.signal);
  return receipts.map(({ status, code }) => ({ status, code }));
}

test("a shard's result is accepted once, however often it is sent", async () => {
  const job = await live.client.createJob(tinyJob(4));
  const lease = await runner.lease(job.id);
  const result = runner.done(lease, zeros(lease));
  expect(await submit(runner, result)).toMatchObject([{ status: "accepted" }]);
  const again = await Promise.all([submit(runner, result), submit(runner, result)]);
  expect(again.flat().map(({ status }) => status)).toEqual(["duplicate", "duplicate"]);
  const { progress, providers } = await live.client.getJob(job.id);
  expect(progress).toMatchObject({ shards_accepted: 1, rows_accepted: 4 });
  expect(providers).toMatchObject([{ id: runner.id, shards_committed: 1, rows_committed: 4 }]);
});

test("a runner that falls silent loses its shard, and its answer after another's is late", async () => {
  const job = await live.client.createJob(tinyJob(2));
  const lost = await runner.lease(job.id);
  for await (const event of followJob(live.client, job.id)) {
    if (event.type !== "shards.returned") continue;
    expect(event).toMatchObject({ runner: runner.id, reason: "expired", shards: [0] });
    break;
  }
  const other = await createHandRunner(live.edge.url);
  const lease = await other.lease(job.id);
  expect(await submit(other, other.done(lease, zeros(lease)))).toMatchObject([{ status: "accepted" }]);
  expect(await submit(runner, runner.done(lost, zeros(lost)))).toMatchObject([{ status: "late" }]);
  expect((await live.client.getJob(job.id)).state).toBe("succeeded");
});

test("a heartbeat keeps a lease, and names as lost what is not held", async () => {
  const job = await live.client.createJob(tinyJob(2));
  const lease = await runner.lease(job.id);
  const beat = () =>
    runner.edge.heartbeat({ leases: [{ lease_id: lease.id, job_id: job.id }] }, runner.signal);
  const { renewed } = await beat();
  expect(renewed[0]?.expires_ms).toBeGreaterThanOrEqual(lease.expires_ms);
  await live.client.cancelJob(job.id);
  expect((await beat()).lost).toEqual([lease.id]);
});

test("outputs with another number of rows are refused, and the job goes on with another runner", async () => {
  const job = await live.client.createJob(tinyJob(3));
  const lease = await runner.lease(job.id);
  expect(await submit(runner, runner.done(lease, zeros(lease, 2)))).toEqual([
    { status: "refused", code: "output_rows" },
  ]);
  const other = await createHandRunner(live.edge.url);
  const second = await other.lease(job.id);
  expect(await submit(other, other.done(second, zeros(second)))).toMatchObject([{ status: "accepted" }]);
  const { state, providers } = await live.client.getJob(job.id);
  expect(state).toBe("succeeded");
  expect(providers.find(({ id }) => id === runner.id)).toMatchObject({ shards_failed: 1 });
});

test("a result under another job's lease, or another runner's, is refused", async () => {
  const mine = await live.client.createJob(tinyJob(1));
  const lease = await runner.lease(mine.id);
  const other = await live.client.createJob(tinyJob(1));
  const stolen = runner.done({ ...lease, job_id: other.id }, zeros(lease));
  expect(await submit(runner, stolen)).toEqual([{ status: "refused", code: "lease_unknown" }]);
  const thief = await createHandRunner(live.edge.url);
  expect(await submit(thief, thief.done(lease, zeros(lease)))).toEqual([
    { status: "refused", code: "lease_unknown" },
  ]);
  expect((await live.client.getJob(other.id)).state).toBe("queued");
  await live.client.cancelJob(mine.id);
  await live.client.cancelJob(other.id);
});

test("a commitment to other rows, or made for another network, is refused with its own code", async () => {
  const job = await live.client.createJob(tinyJob(2));
  const lease = await runner.lease(job.id);
  const honest = runner.done(lease, zeros(lease));
  const other = zeros(lease);
  other[0]?.data.fill(1);
  expect(await submit(runner, { ...honest, outputs: other })).toEqual([
    { status: "refused", code: "commitment_mismatch" },
  ]);
  const again = await live.client.createJob(tinyJob(2));
  const thief = await createHandRunner(live.edge.url);
  const second = await thief.lease(again.id);
  const mine = thief.done(second, zeros(second));
  expect(await submit(thief, { ...mine, signature: honest.signature })).toEqual([
    { status: "refused", code: "commitment_signature" },
  ]);
  for (const { id } of [job, again]) await live.client.cancelJob(id);
});

test("runner routes refuse what is not signed", async () => {
  const response = await fetch(`${live.edge.url}/runner/results`, {
    method: "POST",
    headers: { "Content-Type": "application/cbor" },
    body: encodeBinary({ results: [] }),
  });
  expect(response.status).toBe(401);
  expect(Problem.parse(await response.json()).code).toBe("signature_missing");
});
