import { env, evictDurableObject, reset } from "cloudflare:test";
import type { NewJob } from "@infernet/db/aggregator/jobs";
import { ledgerEventsOf } from "@infernet/protocol/receipt/ledger-events";
import { type Report, verifyReceipt } from "@infernet/protocol/receipt/verify-receipt";
import { canonicalDigest } from "@infernet/schemas/digest";
import { seedPublishedFrom } from "@infernet/schemas/epoch";
import { formatAccountId } from "@infernet/schemas/ids";
import type { Job } from "@infernet/schemas/job";
import { LIMITS } from "@infernet/schemas/limits";
import type { SignedReceipt } from "@infernet/schemas/receipt";
import type { Lease } from "@infernet/schemas/runner";
import { encodeTensors } from "@infernet/schemas/tensors-binary";
import { createTestSigner } from "@infernet/schemas/testing/sign-commitment";
import { uuidv7 } from "uuidv7";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import {
  aggregator,
  CLIENT,
  introduce,
  newJob,
  registerPairs,
  rowsTensor,
  work,
  workUntil,
} from "../aggregator/testing/network.ts";
import { bucketOf } from "../dispatcher/buckets.ts";
import { announceEpoch } from "../epochs/epochs.ts";
import { Provider } from "../objects/provider.ts";
import { unwrap } from "../rpc.ts";
import { migrateIndex } from "../testing/migrate-index.ts";

beforeEach(async () => {
  await migrateIndex();
  await registerPairs();
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.spyOn(Math, "random").mockReturnValue(0.5);
});
afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await reset();
});

const [anna, bert, carl, dora, emil, rita] = [
  await createTestSigner(1),
  await createTestSigner(2),
  await createTestSigner(3),
  await createTestSigner(4),
  await createTestSigner(5),
  await createTestSigner(9),
];

const receiptOf = async (job: NewJob): Promise<SignedReceipt> =>
  unwrap(await aggregator().receipt(CLIENT, job.record.id));

/** With the epochs as they are published later, and the result as it is kept. */
async function verify(job: NewJob, signed: SignedReceipt): Promise<Report> {
  const epochs = signed.receipt.epochs.map((epoch) =>
    announceEpoch(env, epoch.epoch, seedPublishedFrom(epoch)),
  );
  const { bytes } = unwrap(await aggregator().result(CLIENT, job.record.id));
  return verifyReceipt(signed, { epochs: await Promise.all(epochs), result: bytes ?? undefined });
}

const codesOf = ({ findings }: Report): string[] => findings.map(({ code }) => code);

/** A job over 120 rows; anna is asked first, and then everybody until it has succeeded. */
async function play(conduct: (lease: Lease) => number): Promise<NewJob> {
  await introduce([anna, bert, carl]);
  await introduce([rita], { duty: "disputes" });
  const job = newJob({
    rows: 120,
    shard_rows: 40,
    verification: { mode: "audit", auditors: 1, rows_share: 0.1 },
  });
  await aggregator().create(job);
  await work(job, anna, conduct);
  const workers = [
    { runner: anna, conduct },
    { runner: bert },
    { runner: carl },
    { runner: rita, referee: true },
  ];
  await workUntil(job, workers);
  return job;
}

it("proves what ran, with the published seeds and the delivered bytes", async () => {
  const job = await play(() => 0);
  const signed = await receiptOf(job);
  const report = await verify(job, signed);
  expect(report).toMatchObject({ verdict: "holds", job_id: job.record.id, revision: 0 });
  expect(report.findings.find(({ code }) => code === "rows_traced")?.count).toBe(120);
  expect(codesOf(report)).toEqual(
    expect.arrayContaining(["seeds_fit", "draws_follow", "paths_lead", "copies_equal"]),
  );
  expect(codesOf(report)).not.toContain("comparisons_told");
  expect(signed.receipt.job.inputs).toEqual([
    { name: "x", datatype: "FP32", shape: [120, 2], sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
  ]);
});

it("is the same to the byte whenever it is asked for, and after the object was evicted", async () => {
  const job = await play(() => 0);
  const first = await receiptOf(job);
  vi.setSystemTime(Date.now() + 3_600_000);
  await evictDurableObject(aggregator());
  expect(await canonicalDigest(await receiptOf(job))).toBe(await canonicalDigest(first));
});

it("tells whom a referee found wrong, and what the ledgers were told", async () => {
  const told = vi.spyOn(Provider.prototype, "record");
  const job = await play(() => 1);
  const signed = await receiptOf(job);
  const report = await verify(job, signed);
  expect(report.verdict).toBe("holds");
  expect(codesOf(report)).toContain("verdicts_follow");
  expect(signed.receipt.outcome.convicted).toMatchObject([{ id: anna.id }]);
  // In any order, and some of it more than once.
  const events = () => told.mock.calls.flatMap(([events]) => events).filter(({ id }) => id === job.record.id);
  const { work, convicted } = ledgerEventsOf(signed.receipt);
  const expected = [...work.values(), ...convicted.values()];
  await expect.poll(() => events().filter(({ kind }) => kind === "work").length).toBe(work.size);
  expect(events()).toEqual(expect.arrayContaining(expected));
  expect(expected).toEqual(expect.arrayContaining(events()));
});

it("has another revision after a recall, which proves which one it supersedes", async () => {
  const wrongAtFirst = ({ shard }: Lease): number => (shard === 0 ? 1 : 0);
  await introduce([anna, bert]);
  const job = newJob({
    rows: 120,
    shard_rows: 40,
    verification: { mode: "audit", auditors: 1, rows_share: 0.1 },
  });
  await aggregator().create(job);
  await work(job, anna, wrongAtFirst);
  const told = vi.spyOn(Provider.prototype, "record");
  await workUntil(job, [{ runner: bert, conduct: wrongAtFirst }]);
  await expect.poll(() => told.mock.calls.length).toBe(2);
  const before = await receiptOf(job);
  for (const { id } of [anna, bert]) await bucketOf(env, id).leave(id);
  vi.setSystemTime(Date.now() + LIMITS.roster_age_ms_max + 1);
  await introduce([carl, dora, emil]);
  await introduce([rita], { duty: "disputes" });
  await aggregator().recall(job.record.id, anna.id, newJob().record.id, false);
  expect(await canonicalDigest(await receiptOf(job))).toBe(await canonicalDigest(before));
  const isOver = ({ verification }: Job): boolean => verification.recall?.state === "revoked";
  const others = [{ runner: carl }, { runner: dora }, { runner: emil }, { runner: rita, referee: true }];
  await workUntil(job, others, isOver);
  const after = await receiptOf(job);
  expect(after.receipt).toMatchObject({
    revision: 1,
    supersedes: await canonicalDigest(before.receipt),
    outcome: { recall: { state: "revoked", refund_micro: "333" } },
  });
  const report = await verify(job, after);
  expect(report.verdict).toBe("holds");
  expect(codesOf(report)).toEqual(expect.arrayContaining(["revision_follows", "rows_traced"]));
  expect(unwrap(await aggregator().result(CLIENT, job.record.id)).bytes).toEqual(
    encodeTensors([rowsTensor("y", 0, 120)]),
  );
});

it("is not there before the end, nor for anybody else", async () => {
  const job = newJob();
  await aggregator().create(job);
  expect(await aggregator().receipt(CLIENT, job.record.id)).toMatchObject({
    ok: false,
    code: "job_not_finished",
  });
  const stranger = formatAccountId(uuidv7());
  expect(await aggregator().receipt(stranger, job.record.id)).toMatchObject({ ok: false, code: "not_found" });
  unwrap(await aggregator().cancel(CLIENT, job.record.id));
  expect((await receiptOf(job)).receipt.outcome).toMatchObject({ state: "canceled", result: null });
});
