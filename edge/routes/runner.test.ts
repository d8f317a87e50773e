import { evictDurableObject, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Demand } from "@infernet/schemas/demand";
import { Sha256 } from "@infernet/schemas/digest";
import { formatAccountId } from "@infernet/schemas/ids";
import { ModelName } from "@infernet/schemas/model";
import { MicroAmount } from "@infernet/schemas/money";
import { Network } from "@infernet/schemas/network";
import { Problem } from "@infernet/schemas/problem";
import { RunnerWelcome } from "@infernet/schemas/runner";
import type { RosterEntry } from "@infernet/schemas/verification";
import { afterEach, beforeEach, expect, test } from "vitest";
import { callEdge, json } from "../testing/call-edge.ts";
import { migrateIndex } from "../testing/migrate-index.ts";
import { newJobId, workEvent } from "../testing/test-provider.ts";
import { testRegistration } from "../testing/test-registration.ts";
import { createTestRunner, type TestRunner } from "../testing/test-runner.ts";

beforeEach(migrateIndex);
afterEach(reset);

const UUID = "019aa5d0c1f07c3e8f2b6d4e5a901122";

const dispatcher = () => env.DISPATCHER.getByName("bucket-0");

async function register(
  runner: TestRunner,
  {
    headers = {},
    settings = {},
    ...changes
  }: Parameters<typeof testRegistration>[0] & {
    headers?: Record<string, string>;
    settings?: Partial<Env>;
  } = {},
): Promise<Response> {
  const init = json(testRegistration(changes), headers);
  const signed = await runner.sign("/runner/register", init);
  return callEdge("/runner/register", { ...init, headers: signed }, settings);
}

async function rosterEntry({ id }: TestRunner): Promise<RosterEntry | undefined> {
  const roster = await dispatcher().roster({ engine: "onnx", format: "onnx", memory_bytes: 1 });
  return roster.find((entry) => entry.id === id);
}

test("a runner is told which network it commits to", async () => {
  const { network } = Network.parse(await (await callEdge("/network")).json());
  const welcome = RunnerWelcome.parse(await (await register(await createTestRunner())).json());
  expect(welcome).toMatchObject({ network, warnings: [] });
});

test("a deployment without a network key takes no runners", async () => {
  const answer = await register(await createTestRunner(), { settings: { NETWORK_PRIVATE_KEY: "" } });
  expect(Problem.parse(await answer.json())).toMatchObject({ status: 503, code: "unavailable" });
});

test("runners of one owner are known as one group, without its name", async () => {
  const [a, b, c] = [await createTestRunner(), await createTestRunner(), await createTestRunner()];
  await register(a, { owner: "Acme", payout: "0x1" });
  await register(b, { owner: "acme" });
  await register(c, { owner: "Other" });
  const [ofA, ofB, ofC] = await Promise.all([a, b, c].map(rosterEntry));
  expect(ofA?.groups).toHaveLength(2);
  expect(ofA?.groups[0]).toBe(ofB?.groups[0]);
  expect(ofC?.groups).not.toEqual(ofB?.groups);
  expect(JSON.stringify([ofA, ofB, ofC])).not.toMatch(/acme/i);
});

test("the address that a runner calls from counts only where a header of the operator's choice tells it", async () => {
  const [a, b, c] = [await createTestRunner(), await createTestRunner(), await createTestRunner()];
  const settings = { CLIENT_ADDRESS_HEADER: "X-Real-IP" };
  await register(a, { settings, headers: { "X-Real-IP": "8.8.8.8" } });
  await register(b, { settings, headers: { "X-Real-IP": "8.8.8.9" } });
  await register(c, { headers: { "X-Real-IP": "8.8.8.10", "CF-Connecting-IP": "8.8.8.10" } });
  const [ofA, ofB, ofC] = await Promise.all([a, b, c].map(rosterEntry));
  expect(ofA?.groups).toHaveLength(1);
  expect(ofB?.groups).toEqual(ofA?.groups);
  expect(ofC?.groups).toEqual([]);
});

test("Cloudflare's word for the caller's address is taken where there is no disk", async () => {
  const { DISK, ...cloud } = env;
  expect(DISK).toBeDefined();
  const runner = await createTestRunner();
  const init = json(testRegistration(), { "CF-Connecting-IP": "2a00:1450::1" });
  const { app } = await import("../app.ts");
  const signed = await runner.sign("/runner/register", init);
  const request = new Request("http://edge.test/runner/register", { ...init, headers: signed });
  expect((await app.fetch(request, cloud)).status).toBe(200);
  expect((await rosterEntry(runner))?.groups).toHaveLength(1);
});

test("a dispatcher that has forgotten a runner learns its standing again with the next poll", async () => {
  const runner = await createTestRunner();
  await register(runner, { owner: "Acme" });
  await env.PROVIDER.getByName(runner.id).record([workEvent(newJobId(), Date.now(), { audits_passed: 42 })]);
  const before = await rosterEntry(runner);
  await evictDurableObject(dispatcher());
  expect(await rosterEntry(runner)).toBeUndefined();
  const answer = await runner.call("/runner/poll", json({ leases_max: 1, wait_ms: 0 }));
  expect(answer.status).toBe(200);
  expect(await rosterEntry(runner)).toEqual({ ...before, passed: 42 });
});

test("passed checks reach the dispatcher without the runner's doing", async () => {
  const runner = await createTestRunner();
  await register(runner);
  expect((await rosterEntry(runner))?.passed).toBe(0);
  await env.PROVIDER.getByName(runner.id).record([workEvent(newJobId(), Date.now(), { audits_passed: 3 })]);
  await expect.poll(async () => (await rosterEntry(runner))?.passed).toBe(3);
});

test("who has never registered is told to", async () => {
  const answer = await (await createTestRunner()).call("/runner/poll", json({ leases_max: 1, wait_ms: 0 }));
  expect(Problem.parse(await answer.json()).code).toBe("runner_unregistered");
});

test("a runner sees what waits by model, what it needs and pays, and nobody's job", async () => {
  const runner = await createTestRunner();
  const offer = {
    account_id: formatAccountId(UUID),
    model: { digest: Sha256.parse("a".repeat(64)), name: ModelName.parse("glyphs") },
    need: {
      engine: "onnx",
      format: "onnx",
      memory_bytes: 2 ** 34,
      vram_bytes: 2 ** 33,
      sandbox: "bwrap",
      micro_per_core_hour: MicroAmount.parse("70000"),
    },
    assigned: [],
  } as const;
  await dispatcher().offer({ ...offer, assigned: [], job_id: newJobId(), ready: 3 });
  await dispatcher().offer({ ...offer, assigned: [], job_id: newJobId(), ready: 4 });
  const before = await runner.call("/runner/demand");
  expect(before.status).toBe(200);
  expect(Demand.parse(await before.json())).toMatchObject({ duty: null, shards_waiting: 7 });

  await register(runner);
  const text = await (await runner.call("/runner/demand")).text();
  expect(text).not.toMatch(/job_|acct_/);
  expect(Demand.parse(JSON.parse(text))).toEqual({
    object: "demand",
    duty: "work",
    runners_seen: 1,
    runners_waiting: 0,
    shards_waiting: 7,
    data: [
      {
        model: offer.model.digest,
        name: "glyphs",
        need: {
          engine: "onnx",
          format: "onnx",
          memory_bytes: 2 ** 34,
          vram_bytes: 2 ** 33,
          sandbox: "bwrap",
        },
        jobs: 2,
        shards_waiting: 7,
        shards_declined: 0,
        pays_micro_per_core_hour: { min: "70000", max: "70000" },
      },
    ],
  });
});

test("nobody sees what waits without a runner's signature", async () => {
  const answer = await callEdge("/runner/demand");
  expect(Problem.parse(await answer.json()).code).toBe("signature_missing");
});
