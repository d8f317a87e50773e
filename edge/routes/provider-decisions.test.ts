import { evictDurableObject, reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { LIMITS } from "@infernet/schemas/limits";
import { pageOf } from "@infernet/schemas/page";
import { Problem } from "@infernet/schemas/problem";
import { Ban, Provider, ReputationEvent } from "@infernet/schemas/provider";
import { RunnerWelcome } from "@infernet/schemas/runner";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { callEdge, json, OPERATOR } from "../testing/call-edge.ts";
import { migrateIndex } from "../testing/migrate-index.ts";
import { createTestAccount } from "../testing/test-account.ts";
import {
  convictionEvent,
  createTestProvider,
  newJobId,
  rosterIds,
  type TestProvider,
  workEvent,
} from "../testing/test-provider.ts";
import { testRegistration } from "../testing/test-registration.ts";
import { createTestRunner, type TestRunner } from "../testing/test-runner.ts";

beforeEach(migrateIndex);
afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

const DAY = 24 * 3600 * 1000;

const decide = (method: string, path: string, body: unknown, headers: Record<string, string> = OPERATOR) =>
  callEdge(path, { ...json(body, headers), method });
const problemOf = async (answer: Response) => {
  const problem = Problem.parse(await answer.json());
  expect(problem.status).toBe(answer.status);
  return problem;
};
const register = (runner: TestRunner, changes: Parameters<typeof testRegistration>[0] = {}) =>
  runner.call("/runner/register", json(testRegistration(changes)));
const poll = (runner: TestRunner) => runner.call("/runner/poll", json({ leases_max: 1, wait_ms: 0 }));
const appeal = (runner: TestRunner, detail = "it was cosmic rays") =>
  runner.call("/runner/appeal", json({ detail }));

async function convicted(): Promise<TestProvider> {
  const provider = await createTestProvider();
  await register(provider);
  await provider.stub.record([convictionEvent(newJobId(), Date.now())]);
  return provider;
}

test("a conviction bans: the runner is out of every roster at once, and neither polls nor registers", async () => {
  const provider = await createTestProvider();
  await register(provider);
  expect((await poll(provider)).status).toBe(200);
  expect(await rosterIds()).toEqual([provider.id]);

  const job = newJobId();
  await provider.stub.record([convictionEvent(job, Date.now())]);
  await vi.waitFor(async () => expect(await rosterIds()).toEqual([]));
  for (const answer of [await poll(provider), await register(provider)]) {
    const problem = await problemOf(answer);
    expect([problem.status, problem.code]).toEqual([403, "provider_banned"]);
    expect(problem.detail).toContain(job);
    expect(problem.detail).toContain("POST /runner/appeal");
  }
  const { ban, marked, reputation } = Provider.parse(await provider.stub.read());
  expect(marked).toBe(true);
  expect(reputation).toMatchObject({ credibility: 0, score: 0, convictions: 1 });
  const lasts_ms = Date.parse(ban?.until ?? "") - Date.parse(ban?.since ?? "");
  expect([ban?.reason, lasts_ms]).toEqual(["wrong_answer", LIMITS.ban_ms_first]);
});

test("a banned runner still reads its own record", async () => {
  const provider = await convicted();
  const answer = await provider.call(`/providers/${provider.id}`);
  expect(Provider.parse(await answer.json()).ban).not.toBeNull();
});

test("a ban that is over lets the runner in again, as one that is new, and the index follows", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const provider = await createTestProvider();
  await provider.stub.record([
    workEvent(newJobId(), Date.now() - 10 * DAY, { audits_passed: 500 }),
    convictionEvent(newJobId(), Date.now()),
  ]);
  await runDurableObjectAlarm(provider.stub);
  expect((await register(provider)).status).toBe(403);
  expect(await alarmOf(provider)).toBe(Date.now() + LIMITS.ban_ms_first);

  vi.setSystemTime(Date.now() + LIMITS.ban_ms_first);
  await runDurableObjectAlarm(provider.stub);
  expect((await register(provider)).status).toBe(200);
  expect(await poll(provider)).toHaveProperty("status", 200);
  const { headers } = await createTestAccount();
  const listed = pageOf(Provider).parse(await (await callEdge("/providers", { headers })).json());
  expect(listed.data).toMatchObject([
    { ban: null, marked: true, reputation: { credibility: 0, is_new: true, audits_passed: 500 } },
  ]);
});

const alarmOf = ({ stub }: TestProvider) => runInDurableObject(stub, (_, { storage }) => storage.getAlarm());

test("a banned provider appeals once, in time, and the words stand in its ledger", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const provider = await convicted();
  const first = await appeal(provider);
  expect(Ban.parse(await first.json()).appealed).toBe(true);
  expect((await appeal(provider, "and another thing")).status).toBe(200);
  const ledger = await provider.call(`/providers/${provider.id}/ledger`);
  const events = pageOf(ReputationEvent).parse(await ledger.json()).data;
  expect(events.filter(({ kind }) => kind === "appealed")).toMatchObject([{ detail: "it was cosmic rays" }]);
  expect((await problemOf(await poll(provider))).detail).toContain("It has appealed");
});

test("an appeal that comes too late, or without a ban, is refused", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const provider = await convicted();
  vi.setSystemTime(Date.now() + LIMITS.appeal_ms + 1);
  expect((await problemOf(await appeal(provider))).code).toBe("appeal_closed");
  vi.setSystemTime(Date.now() + LIMITS.ban_ms_first);
  expect((await problemOf(await appeal(provider))).code).toBe("not_banned");
  expect((await problemOf(await appeal(await createTestRunner()))).code).toBe("not_found");
  expect((await problemOf(await appeal(provider, " "))).code).toBe("request_invalid");
});

test("lifting a ban acquits: credibility and pay come back, and the runner works", async () => {
  const provider = await createTestProvider();
  const now_ms = Date.now();
  await provider.stub.record([workEvent(newJobId(), now_ms), convictionEvent(newJobId(), now_ms)]);
  expect((await provider.stub.read())?.reputation.earned).toMatchObject({
    held_micro: "0",
    taken_back_micro: "500",
  });
  const path = `/providers/${provider.id}/ban`;
  const lifted = Provider.parse(await (await decide("DELETE", path, { detail: "our referee erred" })).json());
  expect(lifted).toMatchObject({
    ban: null,
    marked: false,
    reputation: { convictions: 0, earned: { held_micro: "500", taken_back_micro: "0" } },
  });
  expect(lifted.reputation.credibility).toBeGreaterThan(0.7);
  expect((await register(provider)).status).toBe(200);
  expect((await problemOf(await decide("DELETE", path, { detail: "again" }))).code).toBe("not_banned");
});

test("the operator bans until a time or for good, and takes back no pay by it", async () => {
  const provider = await createTestProvider();
  await provider.stub.record([workEvent(newJobId(), Date.now())]);
  const path = `/providers/${provider.id}/ban`;
  const until = new Date(Date.now() + DAY).toISOString();
  const banned = Provider.parse(await (await decide("POST", path, { detail: "spam", until })).json());
  expect(banned).toMatchObject({
    ban: { reason: "operator", detail: "spam", until, appealed: false },
    marked: false,
    reputation: { earned: { held_micro: "500" } },
  });
  const forGood = Provider.parse(await (await decide("POST", path, { detail: "much spam" })).json());
  expect(forGood.ban).toMatchObject({ detail: "much spam", until: null });
  const past = await problemOf(await decide("POST", path, { detail: "x", until: "2020-01-01T00:00:00Z" }));
  expect(past).toMatchObject({ code: "request_invalid", errors: [{ pointer: "/until" }] });
  await decide("DELETE", path, { detail: "they stopped" });
  expect((await register(provider)).status).toBe(200);
});

test("only the operator decides, and only about providers that there are", async () => {
  const { headers } = await createTestAccount();
  const provider = await createTestProvider();
  const { id: nobody } = await createTestRunner();
  const requests = [
    ["POST", "ban", { detail: "x" }],
    ["DELETE", "ban", { detail: "x" }],
    ["PUT", "referee", { trusted: true }],
  ] as const;
  for (const [method, what, body] of requests) {
    const refused = await problemOf(await decide(method, `/providers/${provider.id}/${what}`, body, headers));
    expect([refused.status, refused.code]).toEqual([401, "authentication_failed"]);
    const unknown = await problemOf(await decide(method, `/providers/${nobody}/${what}`, body));
    expect(unknown.code).toBe("not_found");
  }
  expect(await provider.stub.read()).toMatchObject({ ban: null, referee: false });
});

test("a runner that offers to be a referee waits without work until the operator trusts it", async () => {
  const runner = await createTestRunner();
  const welcome = RunnerWelcome.parse(await (await register(runner, { referee: true })).json());
  expect(welcome.warnings).toHaveLength(1);
  expect(welcome.warnings[0]).toContain(`PUT /providers/${runner.id}/referee {"trusted": true}`);
  expect((await poll(runner)).status).toBe(200);
  expect(await rosterIds()).toEqual([]);

  const trusted = await decide("PUT", `/providers/${runner.id}/referee`, { trusted: true });
  expect(Provider.parse(await trusted.json()).referee).toBe(true);
  await vi.waitFor(async () => expect(await rosterIds()).toEqual([runner.id]));
  const again = RunnerWelcome.parse(await (await register(runner, { referee: true })).json());
  expect(again.warnings).toEqual([]);

  await decide("PUT", `/providers/${runner.id}/referee`, { trusted: false });
  await vi.waitFor(async () => expect(await rosterIds()).toEqual([]));
});

test("trust survives the object and a new registration", async () => {
  const { stub, id } = await createTestProvider({ referee: true });
  await decide("PUT", `/providers/${id}/referee`, { trusted: true });
  await evictDurableObject(stub);
  await stub.register(id, testRegistration({ referee: true }), [], Date.now());
  expect((await stub.read())?.referee).toBe(true);
});
