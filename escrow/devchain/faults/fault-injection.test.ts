import { setTimeout as delay } from "node:timers/promises";
import { Keypair } from "@solana/web3.js";
import { afterEach, expect, test } from "vitest";
import { callRpc, post } from "../testing/call-rpc.ts";
import { transfer } from "../testing/instructions.ts";
import { openChain, SLOT_MS } from "../testing/open-chain.ts";
import { signFresh } from "../testing/send-fresh.ts";

const { chain, connection, wallet } = await openChain();
const SOL = 1_000_000_000;

afterEach(() => chain.setFaults({}));

/** A signed transfer of 1 SOL that nobody has sent. */
async function prepared() {
  const [from, to] = [await wallet(), Keypair.generate().publicKey];
  const bytes = (await signFresh(connection, from, [transfer(from, to, SOL)])).serialize();
  return { bytes, arrived: () => connection.getBalance(to, "processed") };
}

test("latency holds every answer back", async () => {
  chain.setFaults({ latency_ms: { min: 60, max: 80 } });
  const begun = performance.now();
  await connection.getSlot();
  expect(performance.now() - begun).toBeGreaterThanOrEqual(59);
});

test("a dropped transaction is answered with its signature, and never lands", async () => {
  const { bytes, arrived } = await prepared();
  chain.setFaults({ drop_share: 1 });
  const signature = await connection.sendRawTransaction(bytes);
  chain.warp(1);
  expect((await connection.getSignatureStatus(signature)).value).toBeNull();
  expect(await arrived()).toBe(0);

  chain.setFaults({});
  expect(await connection.sendRawTransaction(bytes)).toBe(signature);
  expect(await arrived()).toBe(SOL);
});

test("a delayed transaction lands some slots later, once", async () => {
  const { bytes, arrived } = await prepared();
  chain.setFaults({ delay_slots: 1_000 });
  const signature = await connection.sendRawTransaction(bytes);
  await connection.sendRawTransaction(bytes);
  expect(await arrived()).toBe(0);
  chain.warp((1_000 * SLOT_MS) / 1_000);
  expect((await connection.getSignatureStatus(signature)).value?.err).toBeNull();
  expect(await arrived()).toBe(SOL);
});

test("a delayed transaction whose blockhash expires meanwhile never lands", async () => {
  const { bytes, arrived } = await prepared();
  chain.setFaults({ delay_slots: 1_000 });
  await connection.sendRawTransaction(bytes);
  chain.warp(120);
  expect(await arrived()).toBe(0);
});

test("every blockhash is expired when it is to be", async () => {
  const { bytes } = await prepared();
  chain.setFaults({ expire_blockhashes: true });
  const { blockhash } = await connection.getLatestBlockhash();
  expect((await connection.isBlockhashValid(blockhash)).value).toBe(false);
  await expect(connection.sendRawTransaction(bytes)).rejects.toThrow("Blockhash not found");
});

test("a call fails by status, by code, or with its connection", async () => {
  const fail = (kind: "http_500" | "http_429" | "node_behind" | "reset") =>
    chain.setFaults({ calls: [{ method: "getSlot", share: 1, kind }] });
  fail("http_500");
  await expect(connection.getSlot()).rejects.toThrow("500 Internal Server Error");
  expect(await connection.getBlockHeight()).toBeGreaterThan(0);
  fail("http_429");
  await expect(connection.getSlot()).rejects.toThrow("429 Too Many Requests");
  fail("node_behind");
  await expect(connection.getSlot()).rejects.toThrow("Node is behind by 42 slots");
  expect((await callRpc(chain.url, "getSlot")).error).toMatchObject({ code: -32005 });
  fail("reset");
  await expect(connection.getSlot()).rejects.toThrow("fetch failed");
});

test("a share of the calls fails", async () => {
  chain.setFaults({ seed: 3, calls: [{ method: "*", share: 0.5, kind: "http_500" }] });
  const body = { jsonrpc: "2.0", id: 1, method: "getHealth" };
  const statuses = [];
  for (let call = 0; call < 40; call++) statuses.push((await post(chain.url, body)).status);
  expect(new Set(statuses)).toEqual(new Set([200, 500]));
});

test("a transaction whose answer is lost is executed", async () => {
  const { bytes, arrived } = await prepared();
  chain.setFaults({ calls: [{ method: "sendTransaction", share: 1, kind: "answer_lost" }] });
  await expect(connection.sendRawTransaction(bytes)).rejects.toThrow("fetch failed");
  expect(await arrived()).toBe(SOL);
});

test("the status of an executed transaction is denied a few times", async () => {
  const { bytes } = await prepared();
  const signature = await connection.sendRawTransaction(bytes);
  chain.setFaults({ hide_status_polls: 2 });
  const statuses = [];
  for (let poll = 0; poll < 3; poll++) statuses.push((await connection.getSignatureStatus(signature)).value);
  expect(statuses.map((status) => status === null)).toEqual([true, true, false]);
});

test("accounts are as old as they are to be", async () => {
  const { bytes, arrived } = await prepared();
  await connection.sendRawTransaction(bytes);
  chain.setFaults({ stale_account_slots: 300 });
  expect(await arrived()).toBe(0);
  chain.setFaults({});
  expect(await arrived()).toBe(SOL);
});

test("a subscription keeps silent when it is to", async () => {
  chain.setFaults({ mute_notifications: true });
  let slots = 0;
  const id = connection.onSlotChange(() => {
    slots += 1;
  });
  await delay(10 * SLOT_MS);
  expect(slots).toBe(0);
  chain.setFaults({});
  while (slots === 0) await delay(SLOT_MS);
  await connection.removeSlotChangeListener(id);
});

test("a plan is set and lifted over the wire, whatever fails", async () => {
  const plan = { calls: [{ method: "*", share: 1, kind: "http_500" }] };
  expect((await callRpc(chain.url, "devchain_setFaults", plan)).result).toMatchObject(plan);
  await expect(connection.getSlot()).rejects.toThrow("500");
  expect((await callRpc(chain.url, "devchain_setFaults")).result).toMatchObject({ calls: [] });
  expect(await connection.getSlot()).toBeGreaterThan(0);
});
