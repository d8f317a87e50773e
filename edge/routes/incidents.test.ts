import { reset, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { upsertProvider } from "@infernet/db/index/providers";
import { sampleRunner } from "@infernet/protocol/testing/sample-ids";
import { Incident } from "@infernet/schemas/incident";
import { LIMITS } from "@infernet/schemas/limits";
import { Problem } from "@infernet/schemas/problem";
import { Provider } from "@infernet/schemas/provider";
import { afterEach, beforeEach, expect, test } from "vitest";
import { callEdge, json, OPERATOR } from "../testing/call-edge.ts";
import { migrateIndex } from "../testing/migrate-index.ts";
import { createTestProvider, newJobId, type TestProvider, workEvent } from "../testing/test-provider.ts";

beforeEach(migrateIndex);
afterEach(reset);

const HOUR = 3600 * 1000;
const NOON = Date.parse("2026-05-01T12:00:00.000Z");
const OUTAGE = { from: "2026-05-01T12:00:00Z", to: "2026-05-01T13:00:00+00:00", detail: "our D1 was away" };

const report = async (body: unknown) => callEdge("/incidents", json(body, OPERATOR));
const reportOutage = async (more: { cursor?: string | null } = {}) =>
  Incident.parse(await (await report({ ...OUTAGE, ...more })).json());

/** A provider that failed ten times an hour after noon, known to the search index. */
async function failing(first_seen_ms: number, failed_ms: number): Promise<TestProvider> {
  const provider = await createTestProvider({}, first_seen_ms);
  await provider.stub.record([workEvent(newJobId(), failed_ms, { shards_failed: 10, shards_expired: 5 })]);
  await runDurableObjectAlarm(provider.stub);
  return provider;
}
const failuresOf = async ({ stub }: TestProvider) => {
  const { shards_failed, shards_expired } = Provider.parse(await stub.read()).reputation;
  return shards_failed + shards_expired;
};

test("what providers failed at in an incident is excused, and nothing else", async () => {
  const during = await failing(NOON - HOUR, NOON + HOUR / 2);
  const after = await failing(NOON - HOUR, NOON + HOUR + 1);
  const later = await failing(NOON + 2 * HOUR, NOON + 3 * HOUR);
  expect(await reportOutage()).toMatchObject({ object: "incident", providers: 2, next_cursor: null });
  expect(await Promise.all([during, after, later].map(failuresOf))).toEqual([0, 15, 15]);
});

test("the same incident again is the same one, and reaches those who were not in the index before", async () => {
  const known = await failing(NOON - HOUR, NOON);
  const first = await reportOutage();
  const late = await failing(NOON - HOUR, NOON);
  const second = await reportOutage();
  expect(second.id).toBe(first.id);
  expect([first.providers, second.providers]).toEqual([1, 2]);
  expect(await Promise.all([known, late].map(failuresOf))).toEqual([0, 0]);
  const ledger = await known.call(`/providers/${known.id}/ledger`);
  expect((await ledger.text()).match(/"amnesty"/g)).toHaveLength(1);
});

test("work that is told after the incident was reported is excused too", async () => {
  const provider = await failing(NOON - HOUR, NOON);
  await reportOutage();
  await provider.stub.record([workEvent(newJobId(), NOON + 1, { shards_failed: 7 })]);
  expect(await failuresOf(provider)).toBe(0);
});

test("an incident goes through the providers page by page", async () => {
  const example = Provider.parse(await (await failing(NOON, NOON)).stub.read());
  const others = LIMITS.incident_providers_max + 3;
  for (let n = 0; n < others; n += 1) await upsertProvider(env.INDEX, { ...example, id: sampleRunner(n) });
  const first = await reportOutage();
  expect(first.providers).toBe(LIMITS.incident_providers_max);
  const second = await reportOutage({ cursor: first.next_cursor });
  expect([second.providers, second.next_cursor]).toEqual([others + 1 - first.providers, null]);
});

test("an incident that ends before it begins, or a foreign cursor, is refused, and so is everybody but the operator", async () => {
  const backwards = await report({ ...OUTAGE, to: "2026-05-01T11:00:00Z" });
  expect(Problem.parse(await backwards.json())).toMatchObject({
    code: "request_invalid",
    errors: [{ pointer: "/to" }],
  });
  const foreign = await report({ ...OUTAGE, cursor: "x" });
  expect(Problem.parse(await foreign.json()).code).toBe("request_invalid");
  expect((await callEdge("/incidents", json(OUTAGE))).status).toBe(401);
});
