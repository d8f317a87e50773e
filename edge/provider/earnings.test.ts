import { reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { auditStore } from "@infernet/db/ledger/audit-store";
import { auditLedger } from "@infernet/protocol/ledger/audit-ledger";
import type { EarningSums } from "@infernet/schemas/earning";
import { LIMITS } from "@infernet/schemas/limits";
import { drizzle } from "drizzle-orm/durable-sqlite";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { unwrap } from "../rpc.ts";
import { callEdge, json, OPERATOR } from "../testing/call-edge.ts";
import { migrateIndex } from "../testing/migrate-index.ts";
import {
  convictionEvent,
  createTestProvider,
  newJobId,
  type TestProvider,
  workEvent,
} from "../testing/test-provider.ts";
import { testRegistration } from "../testing/test-registration.ts";

const HOUR = 3600 * 1000;
const DAY = 24 * HOUR;
/** A full hour, a day ahead of the machine's clock, so that no alarm rings before a test has it ring. */
const NOW = Math.ceil((Date.now() + DAY) / HOUR) * HOUR;

let provider: TestProvider;

beforeEach(async () => {
  await migrateIndex();
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  provider = await createTestProvider({ payout: "an address" });
});
afterEach(async () => {
  await expectAudited();
  vi.useRealTimers();
  await reset();
});

/** Whatever a test does, the book adds up. */
async function expectAudited(): Promise<void> {
  const faults = await runInDurableObject(provider.stub, (_, { storage }) =>
    auditStore(drizzle(storage), auditLedger),
  );
  expect(faults).toEqual([]);
}

const earn = (micro: number, at_ms = NOW, job = newJobId()) =>
  provider.stub.record([workEvent(job, at_ms, { earned_micro: String(micro) })]);

/** Held, payable, on its way, paid and taken back, in micro-units of credit. */
async function readSums(): Promise<number[]> {
  const { sums } = unwrap(await provider.stub.earnings({ limit: 1 }));
  const [all] = sums;
  const parts: (keyof EarningSums)[] = [
    "held_micro",
    "payable_micro",
    "ordered_micro",
    "paid_micro",
    "taken_back_micro",
  ];
  return parts.map((part) => Number(all?.[part] ?? 0));
}

test("what work earned is held for a day, and payable at the next full hour", async () => {
  await earn(500);
  await earn(70);
  expect(await readSums()).toEqual([570, 0, 0, 0, 0]);
  vi.setSystemTime(NOW + DAY - 1);
  expect(await readSums()).toEqual([570, 0, 0, 0, 0]);
  vi.setSystemTime(NOW + DAY);
  expect(await readSums()).toEqual([0, 570, 0, 0, 0]);
});

test("a job that tells its work again, after a recall, moves the difference", async () => {
  const job = newJobId();
  await earn(500, NOW, job);
  await earn(500, NOW, job);
  await earn(420, NOW + 1, job);
  expect(await readSums()).toEqual([420, 0, 0, 0, 0]);
  await earn(450, NOW + 2, job);
  expect(await readSums()).toEqual([450, 0, 0, 0, 0]);
});

test("a conviction takes back what is held, and leaves what was payable before it", async () => {
  await earn(1_000);
  await earn(40, NOW + 2 * HOUR);
  vi.setSystemTime(NOW + DAY + HOUR);
  expect(await readSums()).toEqual([40, 1_000, 0, 0, 0]);
  await provider.stub.record([convictionEvent(newJobId(), NOW + DAY + HOUR)]);
  expect(await readSums()).toEqual([0, 1_000, 0, 0, 40]);
});

test("work in a job that ends after the conviction is taken back too, and a lifted ban gives everything back", async () => {
  await earn(30);
  await provider.stub.record([convictionEvent(newJobId(), NOW + 1)]);
  await earn(7, NOW + HOUR);
  expect(await readSums()).toEqual([0, 0, 0, 0, 37]);
  const lifted = await callEdge(`/providers/${provider.id}/ban`, {
    ...json({ detail: "our fault" }, OPERATOR),
    method: "DELETE",
  });
  expect(lifted.status).toBe(200);
  expect(await readSums()).toEqual([37, 0, 0, 0, 0]);
});

test("a withdrawal orders all that is payable once, and says so when there is too little", async () => {
  await earn(LIMITS.payout_micro_min - 1);
  expect(await provider.stub.withdraw()).toMatchObject({ ok: false, code: "payout_too_small" });
  vi.setSystemTime(NOW + DAY);
  expect(await provider.stub.withdraw()).toMatchObject({ ok: false, code: "payout_too_small" });
  await earn(1, NOW - DAY);
  const orders = unwrap(await provider.stub.withdraw());
  expect(orders).toMatchObject([
    {
      provider: provider.id,
      unit: "credit",
      escrow: null,
      micro: String(LIMITS.payout_micro_min),
      fee_micro: "10",
      address: "an address",
    },
  ]);
  expect(await readSums()).toEqual([0, 0, LIMITS.payout_micro_min, 0, 0]);
  expect(await provider.stub.withdraw()).toMatchObject({ ok: false, code: "payout_too_small" });
});

test("a payout that was sent is paid, one that was not is payable again, and neither twice", async () => {
  await earn(50_000, NOW - DAY);
  const [first] = unwrap(await provider.stub.withdraw());
  const id = first?.id ?? expect.fail("nothing was ordered");
  const done = { id, reference: "tx", detail: null, at_ms: NOW };
  for (const _ of [1, 2]) await provider.stub.payoutDone({ ...done, state: "returned" });
  await provider.stub.payoutDone({ ...done, state: "paid" });
  expect(await readSums()).toEqual([0, 50_000, 0, 0, 0]);
  const [second] = unwrap(await provider.stub.withdraw());
  await provider.stub.payoutDone({ ...done, id: second?.id ?? id, state: "paid" });
  expect(await readSums()).toEqual([0, 0, 0, 50_000, 0]);
  const { data } = unwrap(await provider.stub.earnings({ limit: 10 }));
  expect(data).toMatchObject([{ state: "paid", payout: second?.id, reference: "tx" }]);
});

test("what comes to enough is sent without being asked for", async () => {
  await earn(LIMITS.payout_micro_auto - 1);
  vi.setSystemTime(NOW + DAY);
  await runDurableObjectAlarm(provider.stub);
  expect(await readSums()).toEqual([0, LIMITS.payout_micro_auto - 1, 0, 0, 0]);
  await earn(1, NOW);
  vi.setSystemTime(NOW + DAY + HOUR);
  await runDurableObjectAlarm(provider.stub);
  expect(await readSums()).toEqual([0, 0, LIMITS.payout_micro_auto, 0, 0]);
});

test("many small earnings are sent together, however many there are", async () => {
  const each = Math.ceil(LIMITS.payout_micro_auto / 700);
  await provider.stub.record(
    Array.from({ length: 700 }, () => workEvent(newJobId(), NOW - DAY, { earned_micro: String(each) })),
  );
  await runDurableObjectAlarm(provider.stub);
  expect(await readSums()).toEqual([0, 0, 700 * each, 0, 0]);
});

test("after its payout address was changed nothing is sent for a day", async () => {
  await earn(50_000, NOW - DAY);
  const changed = testRegistration({ payout: "another address" });
  unwrap(await provider.stub.register(provider.id, changed, [], NOW));
  expect(await provider.stub.withdraw()).toMatchObject({ ok: false, code: "payout_cooling" });
  vi.setSystemTime(NOW + LIMITS.payout_cooling_ms);
  expect(unwrap(await provider.stub.withdraw())).toMatchObject([{ address: "another address" }]);
});
