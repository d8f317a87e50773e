import { Keypair } from "@solana/web3.js";
import { expect, test } from "vitest";
import { callRpc } from "../testing/call-rpc.ts";
import { openChain, SLOT_MS } from "../testing/open-chain.ts";

const { chain, connection } = await openChain({ lags: { confirmed: 2, finalized: 5 }, blockhash_slots: 150 });

test("slots pass, and those that are settled are behind", async () => {
  const slots = await connection.getSlot("processed");
  expect(await connection.getSlot("finalized")).toBeLessThan(slots);
  chain.warp(SLOT_MS / 10);
  expect(await connection.getSlot("processed")).toBeGreaterThanOrEqual(slots + 100);
});

test("the block height is not the slot", async () => {
  const { absoluteSlot, blockHeight } = await connection.getEpochInfo("processed");
  expect(blockHeight).toBeLessThan(absoluteSlot);
  expect(blockHeight).toBeGreaterThan(0);
});

test("a blockhash is valid up to the height that it came with", async () => {
  const { blockhash, lastValidBlockHeight } = await connection.getLatestBlockhash();
  expect((await connection.isBlockhashValid(blockhash)).value).toBe(true);
  const left = lastValidBlockHeight - (await connection.getBlockHeight("processed"));
  expect(left).toBeGreaterThan(100);
  expect(left).toBeLessThanOrEqual(150);
  chain.warp((151 * SLOT_MS) / 1000);
  expect((await connection.isBlockhashValid(blockhash)).value).toBe(false);
  expect(await connection.getBlockHeight("processed")).toBeGreaterThan(lastValidBlockHeight);
});

test("a warp moves the time of blocks", async () => {
  const timeNow = async () => (await connection.getBlockTime(await connection.getSlot("processed"))) ?? 0;
  const before = await timeNow();
  chain.warp(3_600);
  expect((await timeNow()) - before).toBeGreaterThanOrEqual(3_600);
});

test("a slot to come has no time", async () => {
  const slot = await connection.getSlot("processed");
  expect((await callRpc(chain.url, "getBlockTime", slot + 1_000)).error).toMatchObject({ code: -32004 });
});

test("a blockhash of nobody is not valid", async () => {
  const { value } = await connection.isBlockhashValid(Keypair.generate().publicKey.toBase58());
  expect(value).toBe(false);
});
