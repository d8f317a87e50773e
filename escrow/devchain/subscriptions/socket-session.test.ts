import { once } from "node:events";
import { type AccountInfo, Keypair, type Logs, type SlotInfo } from "@solana/web3.js";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { transfer } from "../testing/instructions.ts";
import { openChain } from "../testing/open-chain.ts";
import { sendFresh } from "../testing/send-fresh.ts";

const { chain, connection, wallet } = await openChain();
const SOL = 1_000_000_000;

/** A subscription's first notification, which comes after `act`. */
async function firstOf<T>(
  subscribe: (listener: (value: T) => void) => number,
  unsubscribe: (id: number) => Promise<void>,
  act: () => Promise<unknown> = async () => undefined,
): Promise<T> {
  const { promise, resolve } = Promise.withResolvers<T>();
  const id = subscribe(resolve);
  // web3.js subscribes in its own time; its next slot comes over the same socket, after that.
  const slots = Promise.withResolvers<SlotInfo>();
  const ready = connection.onSlotChange(slots.resolve);
  await slots.promise;
  await connection.removeSlotChangeListener(ready);
  await act();
  const value = await promise;
  await unsubscribe(id);
  return value;
}

async function openSocket() {
  const socket = new WebSocket(chain.wsUrl);
  await once(socket, "open");
  const ask = async (message: unknown): Promise<unknown> => {
    socket.send(typeof message === "string" ? message : JSON.stringify(message));
    const [answer] = await once(socket, "message");
    return JSON.parse(String(answer));
  };
  return { socket, ask };
}

test("slots are told as they begin", async () => {
  const { slot, parent, root } = await firstOf<SlotInfo>(
    (listener) => connection.onSlotChange(listener),
    (id) => connection.removeSlotChangeListener(id),
  );
  expect([parent, root]).toEqual([slot - 1, slot - 2]);
});

test("an account is told when it changes, and when it is gone", async () => {
  const owner = await wallet();
  const watch = (act: () => Promise<unknown>) =>
    firstOf<AccountInfo<Buffer>>(
      (listener) => connection.onAccountChange(owner.publicKey, listener, { commitment: "confirmed" }),
      (id) => connection.removeAccountChangeListener(id),
      act,
    );
  const richer = await watch(() => chain.airdrop(owner.publicKey.toBase58(), BigInt(SOL)));
  expect(richer.lamports).toBe(11 * SOL);
  const rest = 11 * SOL - 5_000;
  const gone = await watch(() =>
    sendFresh(connection, owner, transfer(owner, Keypair.generate().publicKey, rest)),
  );
  expect(gone.lamports).toBe(0);
});

test("logs are told of the transactions that name an address", async () => {
  const { publicKey } = Keypair.generate();
  let signature = "";
  const logs = await firstOf<Logs>(
    (listener) => connection.onLogs(publicKey, listener, "confirmed"),
    (id) => connection.removeOnLogsListener(id),
    async () => {
      await wallet();
      signature = await chain.airdrop(publicKey.toBase58(), BigInt(SOL));
    },
  );
  expect(logs).toMatchObject({ signature, err: null });
  expect(logs.logs.length).toBeGreaterThan(0);
});

test("a transaction that has settled already is told at once, and once", async () => {
  const signature = await chain.airdrop(Keypair.generate().publicKey.toBase58(), BigInt(SOL));
  chain.warp(1);
  const { socket, ask } = await openSocket();
  const notified = new Promise((resolve) => {
    socket.on("message", (data) => {
      const message = JSON.parse(String(data));
      if (message.method === "signatureNotification") resolve(message.params);
    });
  });
  const params = [signature, { commitment: "finalized" }];
  const subscribed = await ask({ jsonrpc: "2.0", id: 7, method: "signatureSubscribe", params });
  expect(subscribed).toEqual({ jsonrpc: "2.0", id: 7, result: 1 });
  expect(await notified).toMatchObject({ subscription: 1, result: { value: { err: null } } });
  const again = await ask({ jsonrpc: "2.0", id: 8, method: "signatureUnsubscribe", params: [1] });
  expect(again).toMatchObject({ id: 8, error: { code: -32602, message: "Invalid subscription id." } });
  socket.close();
});

test("what is no subscription is refused", async () => {
  const { socket, ask } = await openSocket();
  expect(await ask({ jsonrpc: "2.0", id: 1, method: "getSlot" })).toMatchObject({ error: { code: -32601 } });
  expect(await ask({ jsonrpc: "2.0", id: 2, method: "voteSubscribe" })).toMatchObject({
    error: { code: -32601 },
  });
  expect(await ask({ jsonrpc: "2.0", id: 3, method: "accountSubscribe", params: ["x"] })).toMatchObject({
    error: { code: -32602 },
  });
  expect(await ask("{")).toMatchObject({ id: null, error: { code: -32700 } });
  socket.close();
});

test("a message that is too long ends the connection", async () => {
  const { socket } = await openSocket();
  socket.on("error", () => undefined);
  socket.send("x".repeat(60 * 1024));
  const [code] = await once(socket, "close");
  expect(code).toBe(1009);
});
