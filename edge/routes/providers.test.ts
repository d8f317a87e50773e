import { evictDurableObject, reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { projectReputation } from "@infernet/protocol/reputation";
import { pageOf } from "@infernet/schemas/page";
import { Provider, ReputationEvent } from "@infernet/schemas/provider";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { callEdge } from "../testing/call-edge.ts";
import { migrateIndex } from "../testing/migrate-index.ts";
import { createTestAccount } from "../testing/test-account.ts";
import { convictionEvent, createTestProvider, newJobId, workEvent } from "../testing/test-provider.ts";
import { testRegistration } from "../testing/test-registration.ts";
import { createTestRunner } from "../testing/test-runner.ts";

beforeEach(migrateIndex);
afterEach(reset);

const [jobA, jobB] = [newJobId(), newJobId()];

test("an event counts once, however often it is recorded", async () => {
  const { stub } = await createTestProvider();
  await stub.record([workEvent(jobA, 2_000), workEvent(jobA, 2_000), workEvent(jobB, 2_000)]);
  await stub.record([workEvent(jobB, 2_000)]);
  expect((await stub.read())?.reputation).toMatchObject({
    shards_completed: 20,
    rows_completed: 200,
    audits_passed: 20,
    latency_ms: { p50: 362, p99: 362 },
    earned: { ripe_micro: "1000", held_micro: "0" },
  });
});

test("work told again later takes the place of what was told", async () => {
  const { stub } = await createTestProvider();
  await stub.record([workEvent(jobA, 2_000)]);
  await stub.record([workEvent(jobA, 3_000, { shards_completed: 4, earned_micro: "200" })]);
  expect((await stub.read())?.reputation).toMatchObject({
    shards_completed: 4,
    earned: { ripe_micro: "200" },
  });
});

test("the ledger survives the object, and a new registration keeps it", async () => {
  const { id, stub } = await createTestProvider();
  await stub.record([workEvent(jobA, 2_000)]);
  await evictDurableObject(stub);
  await stub.register(id, testRegistration({ name: "tower" }), [], 3_000);
  expect(await stub.read()).toMatchObject({
    name: "tower",
    first_seen_at: "1970-01-01T00:00:01.000Z",
    last_seen_at: "1970-01-01T00:00:03.000Z",
    reputation: { shards_completed: 10 },
  });
});

test("anybody who reads the ledger comes to the same reputation", async () => {
  const { headers } = await createTestAccount();
  const { id, stub } = await createTestProvider();
  const now_ms = Date.now();
  const jobs = Array.from({ length: 7 }, newJobId);
  for (const [n, job] of jobs.entries())
    await stub.record([workEvent(job, now_ms - n, { shards_failed: n })]);
  await stub.record([workEvent(jobs[0] ?? jobA, now_ms + 1), convictionEvent(jobB, now_ms)]);

  const Ledger = pageOf(ReputationEvent);
  const events: ReputationEvent[] = [];
  for (let path: string | null = `/providers/${id}/ledger?limit=3`; path !== null; ) {
    const answer = await callEdge(path, { headers });
    const page = Ledger.parse(await answer.json());
    expect(page.data.length).toBeLessThanOrEqual(3);
    events.push(...page.data);
    path = page.next_cursor && `/providers/${id}/ledger?limit=3&cursor=${page.next_cursor}`;
  }
  expect(events.map(({ kind }) => kind).sort()).toEqual([
    "banned",
    "convicted",
    ...Array.from({ length: 8 }, () => "work"),
  ]);
  const told = await stub.read();
  const { uptime, score, ...own } = projectReputation(events, Date.now());
  expect(told?.reputation).toMatchObject(own);
  expect(uptime).toBeCloseTo(told?.reputation.uptime ?? 0, 6);
  expect(score).toBe(0);
});

test("totals of an earlier version are added up anew from the ledger", async () => {
  const { stub } = await createTestProvider();
  await stub.record([workEvent(jobA, 2_000), convictionEvent(jobB, 2_000)]);
  const before = await stub.read();
  await runInDurableObject(
    stub,
    (_, { storage }) => void storage.sql.exec(`UPDATE provider SET totals = '{"n":1}'`),
  );
  await evictDurableObject(stub);
  const { reputation, ...rest } = (await stub.read()) ?? {};
  expect(rest).toEqual({ ...before, reputation: undefined });
  expect(reputation).toMatchObject({ shards_completed: 10, convictions: 1 });
});

test("asking about a runner that never registered stores nothing", async () => {
  const { headers } = await createTestAccount();
  const { id } = await createTestRunner();
  for (const path of [`/providers/${id}`, `/providers/${id}/ledger`])
    expect((await callEdge(path, { headers })).status).toBe(404);
  const stub = env.PROVIDER.getByName(id);
  await stub.record([workEvent(jobA, 2_000)]);
  const tables = await runInDurableObject(stub, (_, state) =>
    state.storage.sql
      .exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'")
      .toArray(),
  );
  expect(tables).toEqual([]);
});

test("the list follows the ledgers by alarm, best score first", async () => {
  const { headers } = await createTestAccount();
  const [good, bad] = [await createTestProvider(), await createTestProvider()];
  await good.stub.record([workEvent(jobA, 2_000)]);
  await bad.stub.record([workEvent(jobA, 2_000, { shards_failed: 30 })]);
  const list = async (query = "") =>
    pageOf(Provider).parse(await (await callEdge(`/providers${query}`, { headers })).json());
  expect((await list()).data).toEqual([]);
  for (const { stub } of [good, bad]) expect(await runDurableObjectAlarm(stub)).toBe(true);
  expect((await list()).data.map((provider) => provider.id)).toEqual([good.id, bad.id]);

  const first = await list("?limit=1");
  expect(first.data.map((provider) => provider.id)).toEqual([good.id]);
  const second = await list(`?limit=1&cursor=${first.next_cursor}`);
  expect([second.data.map((provider) => provider.id), second.next_cursor]).toEqual([[bad.id], null]);
});

test("an index that is away is tried again", async () => {
  const { id, stub } = await createTestProvider();
  await env.INDEX.exec("DROP TABLE providers");
  const log = vi.spyOn(console, "warn").mockImplementation(() => {});
  expect(await runDurableObjectAlarm(stub)).toBe(true);
  expect(await runInDurableObject(stub, (_, state) => state.storage.getAlarm())).not.toBeNull();
  expect(String(log.mock.calls[0]?.[0])).toContain(id);
  log.mockRestore();
});
