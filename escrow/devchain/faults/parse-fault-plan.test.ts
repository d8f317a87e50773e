import { expect, test } from "vitest";
import { NO_FAULTS } from "./fault-plan.ts";
import { parseFaultPlan } from "./parse-fault-plan.ts";

test("what is not named is off", () => {
  expect(parseFaultPlan({})).toEqual(NO_FAULTS);
  expect(parseFaultPlan({ drop_share: 0.5 })).toEqual({ ...NO_FAULTS, drop_share: 0.5 });
});

test("a whole plan is taken as it is", () => {
  const plan = {
    seed: 7,
    latency_ms: { min: 1, max: 20 },
    calls: [{ method: "*", share: 0.1, kind: "answer_lost" }],
    drop_share: 0.1,
    delay_slots: 3,
    expire_blockhashes: true,
    hide_status_polls: 2,
    stale_account_slots: 5,
    mute_notifications: true,
  };
  expect(parseFaultPlan(plan)).toEqual(plan);
});

test.each([
  [null, "the fault plan must be an object"],
  [{ drop: 1 }, "the fault plan has no member drop"],
  [{ drop_share: 1.5 }, "drop_share must be a number from 0 to 1"],
  [{ delay_slots: -1 }, "delay_slots must be a whole number from 0"],
  [{ stale_account_slots: 301 }, "stale_account_slots must be a whole number from 0 to 300"],
  [{ latency_ms: { min: 5, max: 2 } }, "latency_ms.min must be a whole number from 0 to 2"],
  [{ latency_ms: 5 }, "latency_ms must be an object"],
  [{ expire_blockhashes: 1 }, "expire_blockhashes must be true or false"],
  [{ calls: {} }, "calls must be an array"],
  [{ calls: [{ method: "getSlot", share: 1, kind: "fire" }] }, "kind must be one of http_500, http_429"],
  [{ calls: [{ method: "", share: 1, kind: "reset" }] }, "method must name an RPC method"],
])("%j is refused with its rule", (plan, message) => {
  expect(() => parseFaultPlan(plan)).toThrow(message);
});
