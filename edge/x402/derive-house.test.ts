import { parseAddress } from "@infernet/escrow/client/address";
import { GENESIS } from "@infernet/escrow/client/cluster";
import { TERM_SECONDS_MAX } from "@infernet/escrow/solana/layout";
import { LIMITS } from "@infernet/schemas/limits";
import { base58 } from "@scure/base";
import { expect, test } from "vitest";
import { deriveHouse } from "./derive-house.ts";

const address = (byte: number) => parseAddress(base58.encode(new Uint8Array(32).fill(byte)));
const settings = {
  seed: new Uint8Array(32).fill(1),
  mint: address(2),
  client: { endpoints: [], genesis_hash: parseAddress(GENESIS.devnet), program: address(3) },
};
const PERIOD_MS = LIMITS.x402_house_period_ms;
const START_MS = 700 * PERIOD_MS;

test("a period has one house escrow, whoever works it out, and the next period has another", async () => {
  const first = await deriveHouse(settings, 100, START_MS);
  expect((await deriveHouse(settings, 100, START_MS + PERIOD_MS - 1)).escrow).toBe(first.escrow);
  const others = await Promise.all([
    deriveHouse(settings, 100, START_MS + PERIOD_MS),
    deriveHouse(settings, 200, START_MS),
    deriveHouse({ ...settings, mint: address(4) }, 100, START_MS),
    deriveHouse({ ...settings, seed: new Uint8Array(32).fill(5) }, 100, START_MS),
  ]);
  expect(new Set([first, ...others].map(({ escrow }) => escrow)).size).toBe(5);
  expect(first.client.address).not.toBe(settings.mint);
});

test("whenever it is opened, the program allows its deadline, and jobs of the whole period are paid by then", async () => {
  const { deadline_ms } = await deriveHouse(settings, 100, START_MS);
  expect(deadline_ms - START_MS).toBeLessThan(Number(TERM_SECONDS_MAX) * 1_000);
  expect(deadline_ms - (START_MS + PERIOD_MS)).toBeGreaterThan(
    LIMITS.job_deadline_ms_max + LIMITS.hold_ms + LIMITS.escrow_margin_ms,
  );
});
