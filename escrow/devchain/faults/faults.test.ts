import { expect, test } from "vitest";
import { NO_FAULTS } from "./fault-plan.ts";
import { Faults } from "./faults.ts";

function faultsOf(plan: Partial<typeof NO_FAULTS>): Faults {
  const faults = new Faults();
  faults.set({ ...NO_FAULTS, ...plan });
  return faults;
}

const outcomes = (faults: Faults) => Array.from({ length: 200 }, () => faults.ofCall("getSlot"));

test("without a plan nothing fails", () => {
  const faults = new Faults();
  expect(outcomes(faults).every((fault) => fault === null)).toBe(true);
  expect(faults.dropsTransaction()).toBe(false);
  expect(faults.latency_ms()).toBe(0);
});

test("one seed gives one history, and a share is about kept", () => {
  const plan = { seed: 42, calls: [{ method: "*", share: 0.25, kind: "reset" }] } as const;
  const drawn = outcomes(faultsOf(plan));
  expect(drawn).toEqual(outcomes(faultsOf(plan)));
  expect(drawn).not.toEqual(outcomes(faultsOf({ ...plan, seed: 43 })));
  const failed = drawn.filter((fault) => fault === "reset").length;
  expect(failed).toBeGreaterThan(30);
  expect(failed).toBeLessThan(70);
});

test("a fault meets the method it names, and no method of the chain itself", () => {
  const faults = faultsOf({ calls: [{ method: "getSlot", share: 1, kind: "http_500" }] });
  expect(faults.ofCall("getSlot")).toBe("http_500");
  expect(faults.ofCall("getBalance")).toBeNull();
  const all = faultsOf({ calls: [{ method: "*", share: 1, kind: "http_500" }] });
  expect(all.ofCall("getBalance")).toBe("http_500");
  expect(all.ofCall("devchain_setFaults")).toBeNull();
});

test("a status is hidden as often as planned, for each transaction", () => {
  const faults = faultsOf({ hide_status_polls: 2 });
  expect(["a", "a", "b", "a"].map((signature) => faults.hidesStatus(signature))).toEqual([
    true,
    true,
    true,
    false,
  ]);
});

test("latency stays within its range and reaches both ends", () => {
  const faults = faultsOf({ latency_ms: { min: 3, max: 5 } });
  const drawn = new Set(Array.from({ length: 100 }, () => faults.latency_ms()));
  expect([...drawn].sort()).toEqual([3, 4, 5]);
});
