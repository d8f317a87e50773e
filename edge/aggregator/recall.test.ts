import { env, evictDurableObject, reset, runDurableObjectAlarm } from "cloudflare:test";
import type { NewJob } from "@infernet/db/aggregator/jobs";
import type { Job } from "@infernet/schemas/job";
import { LIMITS } from "@infernet/schemas/limits";
import type { Lease } from "@infernet/schemas/runner";
import { encodeTensors } from "@infernet/schemas/tensors-binary";
import { createTestSigner } from "@infernet/schemas/testing/sign-commitment";
import { WebhookEvent } from "@infernet/schemas/webhook";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bucketOf } from "../dispatcher/buckets.ts";
import { Provider } from "../objects/provider.ts";
import { unwrap } from "../rpc.ts";
import { migrateIndex } from "../testing/migrate-index.ts";
import {
  aggregator,
  CLIENT,
  introduce,
  newJob,
  readFacts,
  registerPairs,
  rowsTensor,
  takeLeases,
  type Worker,
  work,
  workUntil,
} from "./testing/network.ts";
import { setChance } from "./testing/set-chance.ts";

/** Stands in for the receiver on the internet. */
const receiver = vi.fn<typeof fetch>();

beforeEach(async () => {
  await migrateIndex();
  await registerPairs();
  vi.useFakeTimers({ toFake: ["Date"] });
  setChance(0.5);
  vi.stubGlobal("fetch", receiver);
  receiver.mockReset();
  receiver.mockResolvedValue(new Response(null, { status: 204 }));
});
afterEach(async () => {
  vi.unstubAllGlobals();
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

/** Wrong in the first 40 rows. */
const wrongAtFirst = ({ shard }: Lease): number => (shard === 0 ? 1_000 : 0);

/** A job over 120 rows that anna computed and bert covered. */
async function deliver(conduct: (lease: Lease) => number): Promise<{ job: NewJob; delivered: Job }> {
  await introduce([anna, bert]);
  const job = newJob({
    rows: 120,
    shard_rows: 40,
    verification: { mode: "audit", auditors: 1, rows_share: 0.1 },
    webhook: { url: "https://receiver.example/hook", events: ["job.succeeded", "result.revoked"] },
  });
  await aggregator().create(job);
  await work(job, anna, conduct);
  const told = vi.spyOn(Provider.prototype, "record");
  const delivered = await workUntil(job, [{ runner: bert, conduct }]);
  await expect.poll(() => told.mock.calls.length).toBe(2);
  told.mockRestore();
  return { job, delivered };
}

const elsewhere = newJob().record.id;
const recall = (job: NewJob, runner = anna) =>
  aggregator().recall(job.record.id, runner.id, elsewhere, false);
const isOver = ({ verification }: Job): boolean =>
  verification.recall !== null && verification.recall.state !== "checking";

/** Honest runners and a referee that come after the job was delivered, when its first runners are gone. */
async function bringOthers(): Promise<Worker[]> {
  for (const { id } of [anna, bert]) await bucketOf(env, id).leave(id);
  vi.setSystemTime(Date.now() + LIMITS.roster_age_ms_max + 1);
  await introduce([carl, dora, emil]);
  await introduce([rita], { duty: "disputes" });
  return [{ runner: carl }, { runner: dora }, { runner: emil }, { runner: rita, referee: true }];
}

async function passTime(ms: number): Promise<void> {
  vi.setSystemTime(Date.now() + ms);
  await runDurableObjectAlarm(aggregator());
}

async function readReopened(job: NewJob): Promise<number[]> {
  return (await readFacts(job)).flatMap((fact) => (fact.kind === "drawn" ? fact.reopened : []));
}

const right = encodeTensors([rowsTensor("y", 0, 120)]);
const resultOf = async (job: NewJob) => unwrap(await aggregator().result(CLIENT, job.record.id)).bytes;

describe("a recall", () => {
  it("of right answers upholds the result, which stays where it was", async () => {
    const { job, delivered } = await deliver(() => 0);
    const others = await bringOthers();
    await recall(job);
    expect(unwrap(await aggregator().read(CLIENT, job.record.id)).verification.recall?.state).toBe(
      "checking",
    );
    const done = await workUntil(job, others, isOver);
    expect(done).toMatchObject({ state: "succeeded", result: delivered.result });
    expect(done.verification.recall).toEqual({ state: "upheld", shards_revoked: 0, refund_micro: "0" });
    expect(await resultOf(job)).toEqual(right);
    const { events, ended } = unwrap(await aggregator().events(CLIENT, job.record.id, -1, 0));
    expect(ended).toBe(true);
    expect(events.at(-1)).toMatchObject({ type: "job.upheld", state: "succeeded" });
  });

  it("of wrong answers replaces the result, gives their part of the price back and says so", async () => {
    const { job, delivered } = await deliver(wrongAtFirst);
    expect(await resultOf(job)).not.toEqual(right);
    const told = vi.spyOn(Provider.prototype, "record");
    const others = await bringOthers();
    await recall(job);
    const done = await workUntil(job, others, isOver);
    expect(done.verification.recall).toEqual({ state: "revoked", shards_revoked: 1, refund_micro: "333" });
    expect(await resultOf(job)).toEqual(right);
    expect(done.result?.sha256).not.toBe(delivered.result?.sha256);
    await expect.poll(() => receiver.mock.calls.length).toBe(2);
    const bodies = receiver.mock.calls.map(([, init]) => WebhookEvent.parse(JSON.parse(String(init?.body))));
    expect(bodies.map(({ type }) => type)).toEqual(["job.succeeded", "result.revoked"]);
    expect(bodies[1]?.data).toMatchObject({
      state: "succeeded",
      result_sha256: done.result?.sha256,
      receipt_url: done.urls.receipt,
      revoked: { shards: 1, refund_micro: "333", revoked_sha256: delivered.result?.sha256 },
    });
    // All but the convict are told anew what their work was worth; with the refund it makes the price at most.
    const earned = () =>
      told.mock.calls.flatMap(([events]) =>
        events.flatMap((event) => (event.kind === "work" ? BigInt(event.tally.earned_micro) : [])),
      );
    await expect.poll(() => earned().length).toBe(done.providers.length - 1);
    expect(earned().reduce((sum, amount) => sum + amount, 333n)).toBeLessThanOrEqual(1_000n);
  });

  it("goes on from the log when the object is evicted in the middle, before anybody has come to check", async () => {
    const { job } = await deliver(wrongAtFirst);
    await recall(job);
    await evictDurableObject(aggregator());
    const others = await bringOthers();
    await runDurableObjectAlarm(aggregator());
    await workUntil(job, others, ({ progress }) => progress.shards_disputed > 0);
    await evictDurableObject(aggregator());
    await runDurableObjectAlarm(aggregator());
    const done = await workUntil(job, others, isOver);
    expect(done.verification.recall).toMatchObject({ state: "revoked", refund_micro: "333" });
    await evictDurableObject(aggregator());
    expect(await resultOf(job)).toEqual(right);
    expect(unwrap(await aggregator().read(CLIENT, job.record.id))).toEqual(done);
  });

  it("computes an answer anew when nobody is left who could check it", async () => {
    const { job, delivered } = await deliver(() => 0);
    vi.setSystemTime(Date.now() + LIMITS.roster_age_ms_max + 1);
    await introduce([carl]);
    await recall(job);
    const others = [{ runner: bert }, { runner: carl }];
    await workUntil(job, others, ({ verification }) => verification.reached.audits_passed === 6);
    await passTime(LIMITS.undrawn_ms - 1);
    expect(await readReopened(job)).toEqual([]);
    await passTime(LIMITS.undrawn_ms);
    await expect.poll(() => readReopened(job)).toEqual([0, 1, 2]);
    const done = await workUntil(job, others, isOver);
    expect(done.verification.recall?.state).toBe("upheld");
    expect(done.result).toEqual(delivered.result);
  });

  it("takes a lease back that ends, though the job's deadline is long past", async () => {
    const { job } = await deliver(() => 0);
    await recall(job);
    vi.setSystemTime(job.record.deadline_ms + 60_000);
    const others = await bringOthers();
    await runDurableObjectAlarm(aggregator());
    const taken = async () => {
      const leases = await Promise.all([carl, dora, emil].map((runner) => takeLeases(job, runner)));
      return leases.flat();
    };
    await expect.poll(async () => (await taken()).length).toBeGreaterThan(0);
    vi.setSystemTime(Date.now() + LIMITS.lease_ms_default + 1);
    await runDurableObjectAlarm(aggregator());
    expect((await readFacts(job)).some((fact) => fact.kind === "returned")).toBe(true);
    await passTime(3_000);
    expect((await workUntil(job, others, isOver)).verification.recall?.state).toBe("upheld");
  });

  it("is one fact, however often it is asked for, and none for a job that has nothing to do with it", async () => {
    const { job } = await deliver(() => 0);
    const open = newJob();
    await aggregator().create(open);
    for (let n = 0; n < 3; n += 1) await recall(job);
    await recall(job, rita);
    await recall(open);
    await recall(newJob());
    const recalled = async (one: NewJob) =>
      (await readFacts(one)).filter((fact) => fact.kind === "recalled").length;
    expect([await recalled(job), await recalled(open)]).toEqual([1, 0]);
  });
});
