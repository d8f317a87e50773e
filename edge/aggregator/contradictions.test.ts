import { env, evictDurableObject, reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import type { NewJob } from "@infernet/db/aggregator/jobs";
import type { Lease, ShardDone } from "@infernet/schemas/runner";
import type { SlashEvidence } from "@infernet/schemas/slashing";
import { createTestSigner, type TestSigner } from "@infernet/schemas/testing/sign-commitment";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BillMeter } from "../metering/bill-meter.ts";
import { meterStorage } from "../metering/meter-storage.ts";
import { Provider } from "../objects/provider.ts";
import { Treasury } from "../objects/treasury.ts";
import { unwrap } from "../rpc.ts";
import { migrateIndex } from "../testing/migrate-index.ts";
import {
  aggregator,
  answerLease,
  CLIENT,
  introduce,
  newJob,
  readFacts,
  registerPairs,
  takeLeases,
  workOff,
} from "./testing/network.ts";
import { setChance } from "./testing/set-chance.ts";

const [anna, bert] = [await createTestSigner(1), await createTestSigner(2)];

/** Stands in for the treasury of the unit that is staked. */
const slashed = vi.fn<(evidence: SlashEvidence) => void>();

beforeEach(async () => {
  await migrateIndex();
  await registerPairs();
  setChance(0.5);
  Object.assign(env, { SOLANA_RPC_URLS: "http://127.0.0.1:1" });
  slashed.mockReset();
  vi.spyOn(Treasury.prototype, "slash").mockImplementation(async (evidence) => {
    slashed(evidence);
    return { ok: true, value: undefined };
  });
});
afterEach(async () => {
  Object.assign(env, { SOLANA_RPC_URLS: "" });
  vi.restoreAllMocks();
  await reset();
});

const takeOne = async (job: NewJob, runner: TestSigner): Promise<Lease> => {
  const [lease] = await takeLeases(job, runner, { leases_max: 1 });
  return lease ?? expect.fail("no lease");
};

const submit = async (runner: TestSigner, ...results: ShardDone[]) =>
  (await aggregator().submit(runner.id, results)).map(({ status }) => status);

const read = async (job: NewJob) => unwrap(await aggregator().read(CLIENT, job.record.id));

const contradictionsOf = async (job: NewJob) =>
  (await readFacts(job)).filter((fact) => fact.kind === "contradicted");

/** A job whose first shard anna has answered, with that answer and another one that she signs for the same lease. */
async function answerOnce(changes: Parameters<typeof newJob>[0] = {}) {
  await introduce([anna, bert]);
  const job = newJob(changes);
  await aggregator().create(job);
  const lease = await takeOne(job, anna);
  const [first, second] = [await answerLease(anna, lease), await answerLease(anna, lease, 7)];
  expect(await submit(anna, first)).toEqual(["accepted"]);
  return { job, lease, first, second };
}

describe("a runner that answers a lease twice with two roots", () => {
  it("is told what honest repeats are told, convicted in the job, and given to its ledger and the treasury", async () => {
    const told = vi.spyOn(Provider.prototype, "record");
    const { job, lease, first, second } = await answerOnce();
    expect(await submit(anna, second)).toEqual(["duplicate"]);
    expect(await contradictionsOf(job)).toMatchObject([
      {
        ...{ runner: anna.id, shard: lease.shard, lease_id: lease.id, rows: 2 },
        first: { root: first.root, signature: first.signature },
        second: { root: second.root, signature: second.signature },
      },
    ]);
    const { providers, progress } = await read(job);
    expect(providers).toMatchObject([{ id: anna.id, convicted: true }]);
    expect(progress.shards_accepted).toBe(0);
    await expect
      .poll(() => told.mock.calls.flat(2))
      .toMatchObject([
        { kind: "convicted", as: "contradiction", job_id: job.record.id, shard: lease.shard, partial: true },
      ]);
    await expect.poll(() => slashed.mock.calls.length).toBe(1);
    expect(slashed.mock.calls[0]?.[0]).toMatchObject({
      ...{ provider: anna.id, job_id: job.record.id },
      first: { root: first.root, signature: first.signature },
      second: { root: second.root, signature: second.signature },
    });
    await workOff(job, bert);
    expect((await read(job)).state).toBe("succeeded");
  });

  it("is convicted once, however often and about whatever it contradicts itself", async () => {
    const { job, lease, second } = await answerOnce();
    const third = await answerLease(anna, lease, 9);
    await Promise.all([submit(anna, second), submit(anna, third), submit(anna, second, third)]);
    expect(await contradictionsOf(job)).toHaveLength(1);
    await expect.poll(() => slashed.mock.calls.length).toBe(1);
  });

  it("costs four rows, and repeats of it none", async () => {
    const { job, first, second } = await answerOnce();
    const meter = new BillMeter();
    await runInDurableObject(aggregator(), (_, { storage }) => meterStorage(storage, "Aggregator", meter));
    await submit(anna, second);
    await expect.poll(() => slashed.mock.calls.length).toBe(1);
    await read(job);
    expect(meter.take()["rows_written Aggregator"]).toBeLessThanOrEqual(4);
    await submit(anna, first, second);
    expect(meter.take()["rows_written Aggregator"] ?? 0).toBe(0);
  });

  it("is convicted when both answers come in one submission", async () => {
    await introduce([anna]);
    const job = newJob();
    await aggregator().create(job);
    const lease = await takeOne(job, anna);
    const answers = [await answerLease(anna, lease), await answerLease(anna, lease, 7)];
    expect((await submit(anna, ...answers)).toSorted()).toEqual(["accepted", "duplicate"]);
    expect(await contradictionsOf(job)).toHaveLength(1);
  });

  it("is given to the treasury until that acknowledges, also after the object was evicted", async () => {
    const away = { ok: false, code: "unavailable", detail: "away", context: {} } as const;
    vi.mocked(Treasury.prototype.slash).mockResolvedValue(away);
    const { second } = await answerOnce();
    await submit(anna, second);
    await expect.poll(() => vi.mocked(Treasury.prototype.slash).mock.calls.length).toBeGreaterThan(0);
    await evictDurableObject(aggregator());
    vi.mocked(Treasury.prototype.slash).mockImplementation(async (evidence) => {
      slashed(evidence);
      return { ok: true, value: undefined };
    });
    await runDurableObjectAlarm(aggregator());
    await expect.poll(() => slashed.mock.calls.length).toBe(1);
  });

  it("in a job that is over is convicted no more, and its bond is slashed all the same, once", async () => {
    const { job, second } = await answerOnce({ rows: 2 });
    await expect.poll(async () => (await read(job)).state).toBe("succeeded");
    expect(await submit(anna, second)).toEqual(["duplicate"]);
    await submit(anna, second);
    expect(await contradictionsOf(job)).toEqual([]);
    await expect.poll(() => slashed.mock.calls.length).toBe(1);
    expect(slashed.mock.calls[0]?.[0]).toMatchObject({ provider: anna.id, second: { root: second.root } });
    await evictDurableObject(aggregator());
    await submit(anna, second);
    expect(slashed).toHaveBeenCalledTimes(1);
    expect((await read(job)).providers).toMatchObject([{ id: anna.id, convicted: false }]);
  });
});

describe("nobody is convicted", () => {
  it("for the same answer again, which costs no further signature check", async () => {
    const { job, first } = await answerOnce();
    const verified = vi.spyOn(crypto.subtle, "verify");
    expect(await submit(anna, first, first)).toEqual(["duplicate", "duplicate"]);
    expect(verified).not.toHaveBeenCalled();
    expect(await contradictionsOf(job)).toEqual([]);
  });

  it("for a root that it did not sign, for other leaves, or for an answer to something else", async () => {
    const { job, lease, first, second } = await answerOnce();
    const forged = { ...second, signature: first.signature };
    const otherLeaves = { ...second, leaf_rows: second.leaf_rows + 1 };
    const otherClass = { ...second, execution_class: "onnx/1.31.0/cpu/fp32" as const };
    const fewer = await answerLease(anna, { ...lease, rows: [{ start: 0, count: 1 }] }, 7);
    const otherJob = await answerLease(anna, { ...lease, job_id: newJob().record.id }, 7);
    const replayed = { ...otherJob, job_id: lease.job_id };
    for (const repeat of [forged, otherLeaves, otherClass, fewer, replayed])
      expect(await submit(anna, repeat)).toEqual(["duplicate"]);
    expect(await contradictionsOf(job)).toEqual([]);
    expect(slashed).not.toHaveBeenCalled();
  });

  it("by another who copies the lease", async () => {
    const { job, lease } = await answerOnce();
    expect(await submit(bert, await answerLease(bert, lease, 7))).toEqual(["refused"]);
    expect(await contradictionsOf(job)).toEqual([]);
  });

  it("at a treasury where nothing is staked", async () => {
    Object.assign(env, { SOLANA_RPC_URLS: "" });
    const { job, second } = await answerOnce();
    await submit(anna, second);
    expect(await contradictionsOf(job)).toHaveLength(1);
    await runDurableObjectAlarm(aggregator());
    expect(slashed).not.toHaveBeenCalled();
  });
});
