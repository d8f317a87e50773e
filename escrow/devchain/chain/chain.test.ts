import { Keypair } from "@solana/web3.js";
import { expect, test } from "vitest";
import { callRpc } from "../testing/call-rpc.ts";
import { openChain } from "../testing/open-chain.ts";

// Slots so long that only a warp ends one.
const SLOT_S = 600;
const { chain } = await openChain({ slot_ms: SLOT_S * 1_000, lags: { confirmed: 1, finalized: 3 } });

async function statusOf(signature: string): Promise<unknown> {
  const { result } = await callRpc(chain.url, "getSignatureStatuses", [signature]);
  return (result as { value: unknown[] }).value[0];
}

test("a transaction settles level after level", async () => {
  const signature = await chain.airdrop(Keypair.generate().publicKey.toBase58(), 1_000_000n);
  const settled = [];
  for (let slots = 0; slots <= 3; slots++) {
    settled.push(await statusOf(signature));
    chain.warp(SLOT_S);
  }
  expect(settled).toMatchObject([
    { confirmationStatus: "processed", confirmations: 0, err: null, status: { Ok: null } },
    { confirmationStatus: "confirmed", confirmations: 1 },
    { confirmationStatus: "confirmed", confirmations: 2 },
    { confirmationStatus: "finalized", confirmations: null },
  ]);
});
