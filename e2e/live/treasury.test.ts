import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Cleanup } from "../network/cleanup.ts";
import { findFaults } from "../soak-settlement/find-faults.ts";
import { type SettlementNetwork, startSettlementNetwork } from "../soak-settlement/settlement-network.ts";
import { finishPayouts, workAndWithdraw } from "../soak-settlement/work-and-withdraw.ts";

/** When the edge is killed after a machine began to work and to ask for its pay: in the middle of both, as a rule. */
const KILLS_MS = [250, 700, 1_200];

const cleanup = new Cleanup();
let network: SettlementNetwork;
beforeAll(async () => {
  network = await startSettlementNetwork(cleanup);
}, 60_000);
afterAll(() => cleanup.run());

test("an edge that is killed while it pays from an escrow pays everybody what they earned, once", async () => {
  for (const [n, after_ms] of KILLS_MS.entries()) {
    const work = workAndWithdraw(network, n);
    await delay(after_ms);
    await network.killEdge();
    await work;
  }
  await finishPayouts(network);
  const { faults, paid_micro, payments } = await findFaults(network);
  expect(faults).toEqual([]);
  expect(paid_micro).toBeGreaterThan(0n);
  expect(payments).toBeGreaterThan(0);
}, 60_000);
