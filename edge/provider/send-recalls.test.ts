import { evictDurableObject, reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { addRecall, listRecalls, type PendingRecall } from "@infernet/db/provider/recalls";
import type { ProviderDb } from "@infernet/db/provider/store";
import { createdMs, formatJobId, formatPartition, type JobId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { drizzle } from "drizzle-orm/durable-sqlite";
import { uuidv7 } from "uuidv7";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { callEdge, json, OPERATOR } from "../testing/call-edge.ts";
import { migrateIndex } from "../testing/migrate-index.ts";
import {
  convictionEvent,
  createTestProvider,
  newJobId,
  type TestProvider,
  workEvent,
} from "../testing/test-provider.ts";
import { sendRecalls } from "./send-recalls.ts";

const HOUR = 3600 * 1000;
/** A day ahead of the machine's clock, so that no alarm rings before a test has it ring. */
const NOW = Date.now() + 24 * HOUR;
const CONVICTED_IN = newJobId();

beforeEach(async () => {
  await migrateIndex();
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
});
afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

/** What a provider's object owes to jobs. */
const owedBy = ({ stub }: TestProvider): Promise<PendingRecall[]> =>
  inStore(stub, (db) => listRecalls(db, 1_000));
const inStore = <T>(stub: TestProvider["stub"], work: (db: ProviderDb) => T | Promise<T>): Promise<T> =>
  runInDurableObject(stub, (_, { storage }) => work(drizzle(storage)));
const jobsOf = (recalls: PendingRecall[]): JobId[] => recalls.map(({ job_id }) => job_id).sort();
const sorted = (jobs: JobId[]): JobId[] => [...jobs].sort();

/** A provider that did this work and was then convicted. */
async function convicted(works: { job: JobId; at_ms: number }[]): Promise<TestProvider> {
  const provider = await createTestProvider();
  await provider.stub.record(works.map(({ job, at_ms }) => workEvent(job, at_ms)));
  await provider.stub.record([convictionEvent(CONVICTED_IN, NOW)]);
  return provider;
}

test("a conviction owes a recall to every job inside the hold window, and to none that is older or convicted itself", async () => {
  const [recent, old, running] = [newJobId(), newJobId(), newJobId()];
  const provider = await convicted([
    { job: recent, at_ms: NOW - 23 * HOUR },
    { job: old, at_ms: NOW - 26 * HOUR },
  ]);
  expect(await owedBy(provider)).toEqual([{ job_id: recent, convicted_in: CONVICTED_IN, thorough: false }]);

  // What was running at the time tells its work when it ends.
  await provider.stub.record([workEvent(running, NOW + HOUR), workEvent(CONVICTED_IN, NOW + HOUR)]);
  expect(jobsOf(await owedBy(provider))).toEqual(sorted([recent, running]));
});

test("a second conviction of the same days owes nothing twice", async () => {
  const job = newJobId();
  const provider = await convicted([{ job, at_ms: NOW - HOUR }]);
  await inStore(provider.stub, (db) => sendRecalls(db, async () => {}, NOW));
  await provider.stub.record([convictionEvent(newJobId(), NOW + 1)]);
  expect(await owedBy(provider)).toEqual([]);
  // Told again by the job that was recalled.
  await provider.stub.record([workEvent(job, NOW + 2, { earned_micro: "0" })]);
  expect(await owedBy(provider)).toEqual([]);
});

test("a provider in good standing owes nothing, nor one whose ban was lifted", async () => {
  const provider = await createTestProvider();
  await provider.stub.record([workEvent(newJobId(), NOW)]);
  expect(await owedBy(provider)).toEqual([]);

  const acquitted = await convicted([{ job: newJobId(), at_ms: NOW }]);
  const lift = { ...json({ detail: "our fault" }, OPERATOR), method: "DELETE" };
  await callEdge(`/providers/${acquitted.id}/ban`, lift);
  expect(await owedBy(acquitted)).toEqual([]);
});

test("what is not acknowledged is sent again, after the others, and across a restart", async () => {
  const jobs = Array.from({ length: LIMITS.recalls_sent_at_once + 5 }, newJobId);
  const provider = await convicted(jobs.map((job) => ({ job, at_ms: NOW })));
  const [broken] = jobs;
  const sent: JobId[] = [];
  const send = async ({ job_id }: PendingRecall) => {
    sent.push(job_id);
    if (job_id === broken) throw new Error("away");
  };
  const drain = () => inStore(provider.stub, (db) => sendRecalls(db, send, NOW));
  expect(await drain()).toEqual({ left: true, progress: true });
  expect(sent).toHaveLength(LIMITS.recalls_sent_at_once);
  await evictDurableObject(provider.stub);
  expect(await drain()).toEqual({ left: true, progress: true });
  expect(sent.at(-1)).toBe(broken);
  expect(new Set(sent)).toEqual(new Set(jobs));
  expect(await drain()).toEqual({ left: true, progress: false });
  const mended = () => inStore(provider.stub, (db) => sendRecalls(db, async () => {}, NOW));
  expect(await mended()).toEqual({ left: false, progress: true });
});

test("a job that is no longer kept is told nothing", async () => {
  const { stub } = await createTestProvider();
  const long_ago = NOW - LIMITS.job_deadline_ms_max - LIMITS.job_retention_ms;
  const uuid = `${long_ago.toString(16).padStart(12, "0")}${uuidv7().replaceAll("-", "").slice(12)}`;
  const job_id = formatJobId(formatPartition(1), uuid);
  expect(createdMs(job_id)).toBe(long_ago);
  const send = vi.fn(async () => {});
  const result = await inStore(stub, (db) => {
    addRecall(db, { job_id, convicted_in: CONVICTED_IN, thorough: false });
    return sendRecalls(db, send, NOW);
  });
  expect(result).toEqual({ left: false, progress: true });
  expect(send).not.toHaveBeenCalled();
});

test("the alarm sends what is owed to the jobs themselves, at once", async () => {
  const provider = await convicted([{ job: newJobId(), at_ms: NOW }]);
  const alarm_ms = await runInDurableObject(provider.stub, (_, { storage }) => storage.getAlarm());
  expect(alarm_ms).toBeLessThanOrEqual(NOW);
  await runDurableObjectAlarm(provider.stub);
  expect(await owedBy(provider)).toEqual([]);
});
