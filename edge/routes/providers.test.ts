import { evictDurableObject, reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { pageOf } from "@infernet/schemas/page";
import { Provider, type ReputationEvent } from "@infernet/schemas/provider";
import { RunnerRegistration } from "@infernet/schemas/runner";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { callEdge } from "../testing/call-edge.ts";
import { migrateIndex } from "../testing/migrate-index.ts";
import { createTestAccount } from "../testing/test-account.ts";
import { createTestRunner } from "../testing/test-runner.ts";

beforeEach(migrateIndex);
afterEach(reset);

const registration = RunnerRegistration.parse({
  version: "0.1.0",
  capability: {
    engines: [{ engine: "onnx", version: "1.30.0", execution_provider: "cpu", formats: ["onnx"] }],
    memory_bytes: 2 ** 33,
    cpu_cores: 4,
    gpus: [],
  },
});

const work = (
  id: string,
  changes: Partial<Extract<ReputationEvent, { kind: "work" }>> = {},
): ReputationEvent => ({
  kind: "work",
  id,
  at_ms: 2_000,
  shards_completed: 10,
  rows_completed: 100,
  shards_failed: 0,
  shards_expired: 0,
  shards_agreed: 10,
  shards_outvoted: 0,
  latency_ms_total: 5_000,
  compute_ms_total: 4_000,
  ...changes,
});

async function registered() {
  const { id } = await createTestRunner();
  const stub = env.PROVIDER.getByName(id);
  await stub.register(id, registration, 1_000);
  return { id, stub };
}

test("an event counts once, however often it is recorded", async () => {
  const { stub } = await registered();
  await stub.record([work("job_a"), work("job_a"), work("job_b")]);
  await stub.record([work("job_b")]);
  expect((await stub.read())?.reputation).toMatchObject({
    shards_completed: 20,
    rows_completed: 200,
    latency_ms_mean: 500,
  });
});

test("an outvoted provider is marked for good and scores less", async () => {
  const { stub } = await registered();
  await stub.record([work("job_a")]);
  const before = await stub.read();
  await stub.record([work("job_b", { shards_agreed: 9, shards_outvoted: 1 })]);
  const after = await stub.read();
  expect([before?.marked, after?.marked]).toEqual([false, true]);
  expect(after?.reputation.score).toBeLessThan(before?.reputation.score ?? 0);
});

test("the ledger survives the object, and a new registration keeps it", async () => {
  const { id, stub } = await registered();
  await stub.record([work("job_a")]);
  await evictDurableObject(stub);
  await stub.register(id, { ...registration, name: "tower" }, 3_000);
  expect(await stub.read()).toMatchObject({
    name: "tower",
    first_seen_at: "1970-01-01T00:00:01.000Z",
    last_seen_at: "1970-01-01T00:00:03.000Z",
    reputation: { shards_completed: 10 },
  });
});

test("asking about a runner that never registered stores nothing", async () => {
  const { headers } = await createTestAccount();
  const { id } = await createTestRunner();
  expect((await callEdge(`/providers/${id}`, { headers })).status).toBe(404);
  const stub = env.PROVIDER.getByName(id);
  await stub.record([work("job_a")]);
  const tables = await runInDurableObject(stub, (_, state) =>
    state.storage.sql
      .exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'")
      .toArray(),
  );
  expect(tables).toEqual([]);
});

test("the list follows the ledgers by alarm, best score first", async () => {
  const { headers } = await createTestAccount();
  const [good, bad] = [await registered(), await registered()];
  await good.stub.record([work("job_a")]);
  await bad.stub.record([work("job_a", { shards_failed: 30 })]);
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
  const { id, stub } = await registered();
  await env.INDEX.exec("DROP TABLE providers");
  const log = vi.spyOn(console, "warn").mockImplementation(() => {});
  expect(await runDurableObjectAlarm(stub)).toBe(true);
  expect(await runInDurableObject(stub, (_, state) => state.storage.getAlarm())).not.toBeNull();
  expect(String(log.mock.calls[0]?.[0])).toContain(id);
  log.mockRestore();
});
