import { parseAddress } from "@infernet/escrow/client/address";
import { describeRail } from "./rail-contract.ts";
import { addressOf } from "./solana-payees.ts";
import { createSolanaRail } from "./solana-rail.ts";
import { parseSolanaSettings } from "./solana-settings.ts";
import { openSolanaWorld } from "./testing/solana-world.ts";

/** The tests' chain forgets a blockhash after a minute. */
const FORGET_SECONDS = 120;

describeRail("of the escrow program", async () => {
  const world = await openSolanaWorld();
  const [one, two, poor, escrow] = await Promise.all([
    world.provider(1_000n),
    world.provider(5_000n),
    world.provider(999n),
    world.openEscrow(),
  ]);
  const voucher = await escrow.voucher(10_000_000n);
  const payees = [
    { provider: one.id, address: null },
    { provider: two.id, address: null },
  ] as const;
  const settings = parseSolanaSettings(world.env);
  if (settings === null) throw new Error("the rail is not set up");
  return {
    open: () => createSolanaRail(settings),
    payees,
    unready: { payee: { provider: poor.id, address: null }, state: "unbonded" },
    terms: async (amounts, fee) => {
      const { opened_slot, releases } = await world.client.readEscrow(parseAddress(escrow.address));
      return {
        place: { escrow: escrow.address, opened: opened_slot.toString(), sequence: releases, voucher },
        shares: amounts.map((amount, i) => ({ ...payees[i === 0 ? 0 : 1], amount })),
        fee,
      };
    },
    received: ({ provider }) => world.balance(addressOf(provider)),
    expire: async () => void (await world.call("devchain_warp", FORGET_SECONDS)),
    close: async () => {},
  };
});
