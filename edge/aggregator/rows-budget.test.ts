import { env, reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { upsertJobSummary } from "@infernet/db/index/jobs";
import { renderJob, summarizeJob } from "@infernet/protocol/job-view";
import { LIMITS } from "@infernet/schemas/limits";
import { createTestSigner } from "@infernet/schemas/testing/sign-commitment";
import type { Verification } from "@infernet/schemas/verification";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { BillMeter } from "../metering/bill-meter.ts";
import { meterDatabase } from "../metering/meter-database.ts";
import { meterStorage } from "../metering/meter-storage.ts";
import { unwrap } from "../rpc.ts";
import { migrateIndex } from "../testing/migrate-index.ts";
import { createOpenJob } from "./open-job.ts";
import { retirementOf } from "./retire-day.ts";
import {
  aggregator,
  CLIENT,
  introduce,
  newJob,
  registerPairs,
  takeLeases,
  workOff,
} from "./testing/network.ts";
import { setChance } from "./testing/set-chance.ts";
import { Maker, textJob } from "./testing/streams.ts";

const [anna, bert] = [await createTestSigner(1), await createTestSigner(2)];

beforeEach(async () => {
  await migrateIndex();
  await registerPairs();
  await introduce([anna, bert]);
  setChance(0.5);
});
afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await reset();
});

const WAIT_MS = 10_000;
const NONE: Verification = { mode: "none" };
const AUDIT: Verification = { mode: "audit", auditors: 1, rows_share: 0.1 };
const QUORUM: Verification = { mode: "quorum", replicas: 2 };

/**
 * Rows that a partition may write for one job, alarms included. Rows written are most of the platform's bill: raise a
 * figure only with a reason.
 */
const BUDGET: { verification: Verification; shards: number; rows: number }[] = [
  { verification: NONE, shards: 1, rows: 8 },
  { verification: NONE, shards: 8, rows: 8 },
  { verification: NONE, shards: 32, rows: 10 },
  { verification: NONE, shards: 128, rows: 22 },
  { verification: AUDIT, shards: 1, rows: 10 },
  { verification: AUDIT, shards: 8, rows: 10 },
  { verification: AUDIT, shards: 32, rows: 14 },
  { verification: AUDIT, shards: 128, rows: 38 },
  { verification: QUORUM, shards: 1, rows: 10 },
  { verification: QUORUM, shards: 8, rows: 10 },
  { verification: QUORUM, shards: 32, rows: 14 },
  { verification: QUORUM, shards: 128, rows: 38 },
];

it.each(BUDGET)("a job of $shards shards, $verification.mode, writes at most $rows rows", async (allowed) => {
  const { verification, shards, rows } = allowed;
  vi.useFakeTimers({ toFake: ["Date"] });
  // An earlier job makes the partition's tables, which is done once.
  await liveThrough(newJob(), WAIT_MS);
  const meter = new BillMeter();
  await runInDurableObject(aggregator(), (_, { storage }) => meterStorage(storage, "Aggregator", meter));

  await liveThrough(newJob({ verification, rows: 2 * shards, shards }), WAIT_MS);
  expect(meter.take()["rows_written Aggregator"]).toBeLessThanOrEqual(rows);
});

/** What a streamed answer adds to a job of one shard: a row for each signed block, and two for each maker that is lost. */
const STREAMED = [
  { positions: 64, lost: 0, rows: 8 + 2 },
  { positions: 70, lost: 0, rows: 8 + 3 },
  // The rest that it had delivered, the fact that it is lost, and the grant to the next.
  { positions: 70, lost: 1, rows: 8 + 3 + 3 },
];

it.each(STREAMED)(
  "an answer streamed over $positions positions, of $lost lost makers, writes at most $rows rows",
  async ({ positions, lost, rows }) => {
    vi.useFakeTimers({ toFake: ["Date"] });
    await liveThrough(newJob(), WAIT_MS);
    const meter = new BillMeter();
    await runInDurableObject(aggregator(), (_, { storage }) => meterStorage(storage, "Aggregator", meter));

    const job = textJob();
    await aggregator().create(job);
    const [first] = await takeLeases(job, anna);
    let maker = new Maker(anna, first ?? expect.fail("no lease"));
    if (lost > 0) {
      await maker.send(await maker.make(40));
      vi.setSystemTime(Date.now() + LIMITS.stream_silence_ms_max + 1);
      await runDurableObjectAlarm(aggregator());
      const [next] = await takeLeases(job, bert);
      maker = new Maker(bert, next ?? expect.fail("no lease"));
    }
    while (maker.made < positions) await maker.send(await maker.make(1, maker.made + 1 === positions));
    await aggregator().submit(maker.runner.id, [await maker.answer(positions)]);
    expect(unwrap(await aggregator().read(CLIENT, job.record.id, WAIT_MS)).state).toBe("succeeded");
    vi.setSystemTime(Date.now() + LIMITS.reoffer_ms + 1);
    await runDurableObjectAlarm(aggregator());
    expect(meter.take()["rows_written Aggregator"]).toBeLessThanOrEqual(rows);
  },
);

it("forgetting a day is one row, however many jobs it held", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const job = newJob();
  for (const next of [job, newJob(), newJob()]) await liveThrough(next, WAIT_MS);
  const meter = new BillMeter();
  await runInDurableObject(aggregator(), (_, { storage }) => meterStorage(storage, "Aggregator", meter));
  vi.setSystemTime(retirementOf(job.record.id) + 1);
  await runDurableObjectAlarm(aggregator());
  expect((await aggregator().read(CLIENT, job.record.id)).ok).toBe(false);
  expect(meter.take()["rows_written Aggregator"] ?? 0).toBe(1);
});

it("what a job reads from creation to its end does not grow with the finished jobs that the partition keeps", async () => {
  const meter = new BillMeter();
  const rowsRead: number[] = [];
  await finish(newJob(), WAIT_MS);
  await runInDurableObject(aggregator(), (_, { storage }) => meterStorage(storage, "Aggregator", meter));
  for (let kept = 1; kept <= 40; kept += 1) {
    await finish(newJob(), WAIT_MS);
    rowsRead.push(meter.take()["rows_read Aggregator"] ?? 0);
  }
  expect(rowsRead.at(-1)).toBeLessThanOrEqual(Math.max(...rowsRead.slice(0, 5)));
});

it("a line of the search index is one row", async () => {
  const meter = new BillMeter();
  const { record } = newJob();
  const summary = summarizeJob(renderJob(record, createOpenJob(record, [], 0).progress));
  await upsertJobSummary(meterDatabase(env.INDEX, meter), CLIENT, summary);
  await upsertJobSummary(meterDatabase(env.INDEX, meter), CLIENT, summary);
  expect(meter.take()["d1_rows_written index"]).toBe(2);
});

/** From creation to its end, by two honest runners that take and hand in as much at once as they may. */
async function finish(job: ReturnType<typeof newJob>, wait_ms: number): Promise<void> {
  await aggregator().create(job);
  await workOff(job, anna, bert);
  const { state } = unwrap(await aggregator().read(CLIENT, job.record.id, wait_ms));
  expect(state).toBe("succeeded");
}

/** And on, past the alarm that looked after it. */
async function liveThrough(job: ReturnType<typeof newJob>, wait_ms: number): Promise<void> {
  await finish(job, wait_ms);
  vi.setSystemTime(Date.now() + LIMITS.reoffer_ms + 1);
  await runDurableObjectAlarm(aggregator());
}
