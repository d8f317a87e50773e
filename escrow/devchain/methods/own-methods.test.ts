import { Keypair, PublicKey } from "@solana/web3.js";
import { expect, test } from "vitest";
import { callRpc } from "../testing/call-rpc.ts";
import { openChain } from "../testing/open-chain.ts";

const { chain, connection } = await openChain();
const someone = Keypair.generate().publicKey.toBase58();
/** Devnet's USDC. */
const KNOWN_MINT = "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU";

test("time travel is a call", async () => {
  const slot = await connection.getSlot("processed");
  const { result } = await callRpc(chain.url, "devchain_warp", 60);
  expect(result).toBeGreaterThan(slot + 1_000);
});

test("a wallet is funded with tokens of a mint at a well-known address", async () => {
  const made = await callRpc(chain.url, "devchain_createMint", { mint: KNOWN_MINT });
  expect(made.result).toEqual({ mint: KNOWN_MINT, authority: chain.faucet });
  const minted = await callRpc(chain.url, "devchain_mint", {
    mint: KNOWN_MINT,
    owner: someone,
    amount: "1500000",
  });
  expect(minted.result).toMatchObject({ account: expect.any(String), signature: expect.any(String) });
  const { account } = minted.result as { account: string };
  const { value } = await connection.getTokenAccountBalance(new PublicKey(account), "processed");
  expect(value.uiAmountString).toBe("1.5");

  const frozen = await callRpc(chain.url, "devchain_setFrozen", { mint: KNOWN_MINT, account, frozen: true });
  expect(frozen.result).toBeTypeOf("string");
  chain.warp(1);
  const found = await connection.getParsedAccountInfo(new PublicKey(account));
  expect(found.value?.data).toMatchObject({ parsed: { info: { state: "frozen" } } });
});

test("a mint does not take the place of what is there", async () => {
  const mint = await chain.createMint();
  const { error } = await callRpc(chain.url, "devchain_createMint", { mint });
  expect(error).toMatchObject({ code: -32602, message: expect.stringContaining("already") });
});

test("a mint of somebody else's is not minted from here", async () => {
  const mint = await chain.createMint({ authority: Keypair.generate().publicKey.toBase58() as never });
  const { error } = await callRpc(chain.url, "devchain_mint", { mint, owner: someone, amount: 1 });
  expect(error).toMatchObject({
    code: -32602,
    message: expect.stringContaining("custom program error: 0x4"),
  });
});

test.each([
  ["devchain_warp", [-1], "the seconds must be a whole number"],
  ["devchain_warp", [], "the seconds must be a whole number"],
  ["devchain_mint", [{ mint: someone, owner: someone, amount: "1.5" }], "amount must be a whole number"],
  ["devchain_mint", [{ mint: someone, owner: someone, amount: "18446744073709551616" }], "below 2^64"],
  ["devchain_createMint", [{ decimals: 19 }], "decimals must be a whole number from 0 to 18"],
  ["devchain_setFaults", [{ drop_share: 2 }], "drop_share must be a number from 0 to 1"],
])("%s of %j is refused with its rule", async (method, params, message) => {
  const { error } = await callRpc(chain.url, method, ...params);
  expect(error).toMatchObject({ code: -32602, message: expect.stringContaining(message) });
});
