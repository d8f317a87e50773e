import { env, evictDurableObject, reset, runDurableObjectAlarm } from "cloudflare:test";
import type { NewJob } from "@infernet/db/aggregator/jobs";
import { verifyReceipt } from "@infernet/protocol/receipt/verify-receipt";
import type { KeyGrant } from "@infernet/schemas/encryption";
import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { signReceipt } from "@infernet/schemas/receipt-signature";
import type { Lease } from "@infernet/schemas/runner";
import { createClientKey } from "@infernet/schemas/sealing/client-key";
import { sealJob } from "@infernet/schemas/sealing/seal-job";
import { sealedForm } from "@infernet/schemas/sealing/sealed-form";
import type { Tensor, TensorSpec } from "@infernet/schemas/tensor";
import { encodeTensors } from "@infernet/schemas/tensors-binary";
import { createTestSigner, type TestSigner } from "@infernet/schemas/testing/sign-commitment";
import { createTestSealer } from "@infernet/schemas/testing/test-sealing";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { loadNetworkKey } from "../network/network-key.ts";
import { unwrap } from "../rpc.ts";
import { migrateIndex } from "../testing/migrate-index.ts";
import {
  aggregator,
  answerLease,
  CLIENT,
  introduce,
  newJob,
  readDrawn,
  registerPairs,
  rowsTensor,
  takeLeases,
} from "./testing/network.ts";

beforeEach(async () => {
  await migrateIndex();
  await registerPairs();
  vi.spyOn(Math, "random").mockReturnValue(0.5);
});
afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await reset();
});

const ROWS = 8;
const [anna, bert, carl] = [await createTestSealer(1), await createTestSealer(2), await createTestSealer(3)];
const rita = await createTestSigner(9);
const client = await createClientKey();
const outputs: TensorSpec[] = [{ name: "y", datatype: "FP32", shape: [null, 2] }];
const audit = { mode: "audit", auditors: 1, rows_share: 1 } as const;

/** A job over rows of two floats, sealed for these providers. */
async function sealedJob(
  providers: readonly (typeof anna)[],
  verification: NewJob["record"]["verification"] = audit,
): Promise<NewJob> {
  const { model } = newJob().record;
  const inputs = [rowsTensor("x", 0, ROWS)];
  const sealed = await sealJob({ model: model.digest, inputs, providers, client_key: client.public_key });
  const [blob] = sealed.blobs;
  const [input] = sealed.request.input.tensors;
  if (blob === undefined || input === undefined) throw new Error("there is one input");
  const { blob: _, ...described } = input;
  return newJob(
    {
      rows: ROWS,
      shard_rows: 4,
      verification,
      inputs: [described],
      outputs: outputs.map(sealedForm),
      sealing: { ...sealed.request.encryption, outputs },
    },
    { input: encodeTensors([{ ...described, data: blob.bytes }]) },
  );
}

/** What stands here for sealed rows: 36 bytes each that the row's number fills, and on another machine others. */
function sealRowsOf(lease: Lease, machine = 0): Tensor[] {
  const numbers = lease.rows.flatMap(({ start, count }) =>
    Array.from({ length: count }, (_, n) => start + n),
  );
  const data = new Uint8Array(numbers.flatMap((row) => Array.from({ length: 36 }, () => row + 16 * machine)));
  return [{ name: "y", datatype: "UINT8", shape: [numbers.length, 36], data }];
}

/** Has a runner take and answer all that it may get. The leases that it got. */
async function work(
  job: NewJob,
  runner: TestSigner,
  { execution_class = "onnx/1.30.0/cpu/fp32", machine = 0 } = {},
): Promise<Lease[]> {
  const leases = await takeLeases(job, runner);
  const results = await Promise.all(
    leases.map((lease) => answerLease(runner, lease, sealRowsOf(lease, machine), execution_class)),
  );
  if (results.length > 0) await aggregator().submit(runner.id, results);
  return leases;
}

const read = async (job: NewJob) => unwrap(await aggregator().read(CLIENT, job.record.id));
const receiptOf = async (job: NewJob) => unwrap(await aggregator().receipt(CLIENT, job.record.id));
const grant = (job: NewJob, grants: KeyGrant[]) => aggregator().grantKey(CLIENT, job.record.id, grants);
const grantFor = (provider: RunnerId): KeyGrant => ({
  ...{ provider, enc: client.public_key, sealed_key: "A".repeat(64) },
});

it("is leased to those alone who were granted its key, each with its own", async () => {
  await introduce([anna, bert, carl]);
  const job = await sealedJob([anna, bert]);
  await aggregator().create(job);
  expect(await takeLeases(job, carl)).toEqual([]);
  const [lease] = await takeLeases(job, anna, { leases_max: 1 });
  const { sealing_id, client_key, inputs, grants } = job.record.sealing ?? {};
  const [ofAnna] = grants ?? [];
  expect(lease?.sealing).toEqual({
    ...{ sealing_id, client_key, inputs },
    grant: { enc: ofAnna?.enc, sealed_key: ofAnna?.sealed_key },
  });
  expect(lease?.inputs).toMatchObject([{ name: "x", datatype: "UINT8", shape: [4, 36] }]);
});

it("is checked by them alone, and its receipt says so and verifies with the sealed result", async () => {
  await introduce([anna, bert, carl]);
  const job = await sealedJob([anna, bert]);
  await aggregator().create(job);
  await work(job, anna);
  const workAndRead = async () => {
    await work(job, bert);
    return (await read(job)).state;
  };
  await expect.poll(workAndRead).toBe("succeeded");
  expect(new Set(await readDrawn(job))).toEqual(new Set([bert.id]));
  const signed = await receiptOf(job);
  const { bytes } = unwrap(await aggregator().result(CLIENT, job.record.id));
  const report = await verifyReceipt(signed, { result: bytes ?? undefined });
  expect(report.verdict).toBe("holds");
  expect(report.findings.map(({ code }) => code)).toEqual(
    expect.arrayContaining(["rows_traced", "copies_equal"]),
  );
  expect(signed.receipt.job.encryption?.grants.map(({ provider }) => provider)).toEqual([anna.id, bert.id]);

  // A roster with somebody in it who could not have opened the rows is no roster of this job.
  const { receipt } = signed;
  const { encryption } = receipt.job;
  if (encryption === undefined) throw new Error("the job is sealed");
  const grants = encryption.grants.filter(({ provider }) => provider !== bert.id);
  const lie = { ...receipt, job: { ...receipt.job, encryption: { ...encryption, grants } } };
  const refuted = await verifyReceipt(await signReceipt(lie, (await loadNetworkKey(env)).privateKey));
  expect(refuted).toMatchObject({ verdict: "refuted" });
  expect(refuted.findings.map(({ code }) => code)).toContain("roster_wrong");
});

it("convicts nobody for rows of floats that are sealed to other bytes, and says what could not be compared", async () => {
  await introduce([anna, bert]);
  const job = await sealedJob([anna, bert]);
  await aggregator().create(job);
  await work(job, anna);
  const workAndCount = async () => {
    await work(job, bert, { machine: 1 });
    return (await read(job)).progress.shards_disputed;
  };
  await expect.poll(workAndCount).toBe(2);
  const { providers } = await read(job);
  expect(providers.map(({ convicted }) => convicted)).toEqual([false, false]);
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(job.record.deadline_ms + 1);
  await runDurableObjectAlarm(aggregator());
  const expired = await read(job);
  expect(expired).toMatchObject({ state: "expired" });
  expect(expired.error?.detail).toMatch(
    /rows are sealed, so that answers agree only where their bytes are equal/,
  );
  expect(expired.providers.map(({ convicted }) => convicted)).toEqual([false, false]);
});

it("convicts who seals another row where all honest machines must give the same bits", async () => {
  await introduce([anna, bert, carl]);
  await introduce([rita], { duty: "disputes" });
  const job = await sealedJob([anna, bert, carl]);
  await aggregator().create(job);
  const exact = "onnx/1.30.0/cpu/int8";
  await work(job, anna, { execution_class: exact, machine: 1 });
  await grant(job, [grantFor(rita.id)]);
  const isConvicted = async () => {
    for (const runner of [bert, carl]) await work(job, runner, { execution_class: exact });
    const [lease] = await takeLeases(job, rita, { referee: true });
    if (lease !== undefined)
      await aggregator().submit(rita.id, [await answerLease(rita, lease, sealRowsOf(lease), exact)]);
    return (await read(job)).providers.filter(({ convicted }) => convicted).map(({ id }) => id);
  };
  await expect.poll(isConvicted).toEqual([anna.id]);
});

it("is granted to more providers while it is open, once each, also after the object was evicted", async () => {
  await introduce([carl]);
  const job = await sealedJob([anna], { mode: "none" });
  await aggregator().create(job);
  expect(await takeLeases(job, carl)).toEqual([]);
  const granted = unwrap(await grant(job, [grantFor(carl.id)]));
  expect(granted.encryption?.providers).toEqual([anna.id, carl.id]);
  unwrap(await grant(job, [grantFor(carl.id)]));
  await evictDurableObject(aggregator());
  expect((await read(job)).progress.shards).toBe(2);
  const events = unwrap(await aggregator().events(CLIENT, job.record.id, -1, 0)).events;
  expect(events.filter(({ type }) => type === "key.granted")).toHaveLength(1);
  expect((await work(job, carl)).length).toBe(2);
  await expect.poll(async () => (await read(job)).state).toBe("succeeded");
  expect(await grant(job, [grantFor(bert.id)])).toMatchObject({ ok: false, code: "job_finished" });
});

it("is granted to so many at most, and a job that is not sealed to nobody", async () => {
  const job = await sealedJob([anna], { mode: "none" });
  await aggregator().create(job);
  const many = await Promise.all(
    Array.from({ length: LIMITS.key_grants_max }, async (_, n) =>
      grantFor((await createTestSigner(20 + n)).id),
    ),
  );
  expect(await grant(job, many)).toMatchObject({ ok: false, code: "encryption_invalid" });
  // Anew to the same provider counts too: each is an entry of the job's log.
  const anew = { ...grantFor(carl.id), sealed_key: "B".repeat(64) };
  for (const grants of [many.slice(2), [grantFor(carl.id)]]) unwrap(await grant(job, grants));
  expect(await grant(job, [anew])).toMatchObject({ ok: false, code: "encryption_invalid" });
  const plain = newJob();
  await aggregator().create(plain);
  expect(await grant(plain, [grantFor(carl.id)])).toMatchObject({ ok: false, code: "not_sealed" });
});
