import { env, evictDurableObject, reset, runDurableObjectAlarm } from "cloudflare:test";
import { LIMITS } from "@infernet/schemas/limits";
import { createTestSigner } from "@infernet/schemas/testing/sign-commitment";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { unwrap } from "../rpc.ts";
import { migrateIndex } from "../testing/migrate-index.ts";
import { aggregator, CLIENT, newJob, workOff } from "./testing/network.ts";

/** Stands in for the receiver on the internet, behind the runtime's own fetch; the live tests use a real one. */
const receiver = vi.fn<typeof fetch>();

beforeEach(async () => {
  await migrateIndex();
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.stubGlobal("fetch", receiver);
  receiver.mockReset();
});
afterEach(async () => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  await reset();
});

const anna = await createTestSigner(1);
const URL_OF_RECEIVER = "https://receiver.example/hook";
const HOUR_MS = 3_600_000;

const idsSent = () => receiver.mock.calls.map(([, init]) => new Headers(init?.headers).get("webhook-id"));

async function finishJobWithWebhook() {
  const job = newJob({
    rows: 2,
    webhook: { url: URL_OF_RECEIVER, events: ["job.succeeded", "job.canceled"] },
  });
  await aggregator().create(job);
  await workOff(job, anna);
  expect(unwrap(await aggregator().read(CLIENT, job.record.id, 5_000)).state).toBe("succeeded");
  const deliveries = async () => unwrap(await aggregator().deliveries(CLIENT, job.record.id));
  await expect.poll(async () => (await deliveries())[0]?.attempts.length).toBe(1);
  return { id: job.record.id, deliveries };
}

/** Moves the clock and lets the alarm ring, until `until` holds or a week has passed. */
async function passTime(step_ms: number, until: () => Promise<boolean>): Promise<number> {
  const start_ms = Date.now();
  while (!(await until()) && Date.now() - start_ms < 168 * HOUR_MS) {
    vi.setSystemTime(Date.now() + step_ms);
    await runDurableObjectAlarm(aggregator());
  }
  return Date.now() - start_ms;
}

describe("a webhook", () => {
  it("reaches a receiver that was down for an hour, under the same id, through a restart of the edge", async () => {
    receiver.mockRejectedValue(new Error("connection refused"));
    const { deliveries } = await finishJobWithWebhook();
    const down_until_ms = Date.now() + HOUR_MS;
    await passTime(300_000, async () => Date.now() >= down_until_ms);
    await evictDurableObject(aggregator());
    receiver.mockReset();
    receiver.mockResolvedValue(new Response(null, { status: 204 }));
    await passTime(300_000, async () => (await deliveries())[0]?.state === "delivered");
    const [delivery] = await deliveries();
    expect(delivery?.state).toBe("delivered");
    expect(delivery?.attempts.length).toBeGreaterThan(3);
    expect(idsSent()).toEqual([delivery?.id]);
  });

  it("is given up after its last attempt, about a day later, and can be sent again by hand", async () => {
    receiver.mockResolvedValue(new Response("busy", { status: 503 }));
    const { id, deliveries } = await finishJobWithWebhook();
    const took_ms = await passTime(10 * 60_000, async () => (await deliveries())[0]?.state !== "pending");
    const [delivery] = await deliveries();
    expect(delivery).toMatchObject({ state: "failed", next_attempt_at: null });
    expect(delivery?.attempts).toHaveLength(LIMITS.webhook_attempts_max);
    expect(took_ms).toBeGreaterThan(12 * HOUR_MS);
    expect(took_ms).toBeLessThan(36 * HOUR_MS);
    expect(new Set(idsSent()).size).toBe(1);
    receiver.mockResolvedValue(new Response(null, { status: 200 }));
    const replayed = unwrap(
      await aggregator().replay(CLIENT, id, delivery?.id ?? expect.fail("no delivery")),
    );
    expect(replayed.state).toBe("delivered");
  });

  it("is disabled by 410 Gone, and its address with it", async () => {
    await env.ACCOUNT.getByName(CLIENT).create({
      id: CLIENT,
      name: "c",
      key_sha256: "0".repeat(64) as never,
      created_ms: 0,
      credit_micro: "0",
    });
    receiver.mockResolvedValue(new Response(null, { status: 410 }));
    const { deliveries } = await finishJobWithWebhook();
    await expect.poll(async () => (await deliveries())[0]?.state).toBe("disabled");
    await passTime(HOUR_MS, async () => true);
    expect(receiver).toHaveBeenCalledTimes(1);
  });

  it("is not sent for an end that the client did not ask to hear of", async () => {
    const job = newJob({ rows: 2, webhook: { url: URL_OF_RECEIVER, events: ["job.failed"] } });
    await aggregator().create(job);
    unwrap(await aggregator().cancel(CLIENT, job.record.id));
    expect(unwrap(await aggregator().deliveries(CLIENT, job.record.id))).toEqual([]);
    expect(receiver).not.toHaveBeenCalled();
  });
});
