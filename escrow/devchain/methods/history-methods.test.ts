import { Keypair, TransactionMessage, VersionedTransaction } from "@solana/web3.js";
import { expect, test } from "vitest";
import { callRpc } from "../testing/call-rpc.ts";
import { transfer } from "../testing/instructions.ts";
import { openChain } from "../testing/open-chain.ts";
import { sendFresh } from "../testing/send-fresh.ts";

const { chain, connection, wallet } = await openChain();
const SOL = 1_000_000_000;

const pay = (from: Keypair, to: Keypair, lamports: number): Promise<string> =>
  sendFresh(connection, from, transfer(from, to.publicKey, lamports));

test("a transaction is given with its message, its fee, its balances and its logs", async () => {
  const [from, to] = [await wallet(), Keypair.generate()];
  const signature = await pay(from, to, SOL);
  const found = await connection.getTransaction(signature, { maxSupportedTransactionVersion: 0 });
  expect(found?.transaction.signatures).toEqual([signature]);
  expect(found?.transaction.message.getAccountKeys().get(1)?.toBase58()).toBe(to.publicKey.toBase58());
  expect(found?.meta).toMatchObject({ err: null, fee: 5_000, preBalances: [10 * SOL, 0, 1] });
  expect(found?.meta?.postBalances).toEqual([9 * SOL - 5_000, SOL, 1]);
  expect(found?.meta?.logMessages).toHaveLength(2);
  expect(Math.abs((found?.blockTime ?? 0) - Date.now() / 1000)).toBeLessThan(60);
});

test("a parsed transaction names accounts, token balances and inner calls", async () => {
  const mint = await chain.createMint();
  const owner = Keypair.generate().publicKey.toBase58();
  const { account, signature } = await chain.mint(mint, owner, 5n);
  chain.warp(1);
  const found = await connection.getParsedTransaction(signature, { maxSupportedTransactionVersion: 0 });
  const keys = found?.transaction.message.accountKeys ?? [];
  const index = keys.findIndex(({ pubkey }) => pubkey.toBase58() === account);
  expect(keys[index]).toMatchObject({ signer: false, writable: true });
  expect(found?.meta?.postTokenBalances).toMatchObject([{ accountIndex: index, mint, owner }]);
  expect(found?.meta?.preTokenBalances).toEqual([]);
  expect(found?.meta?.innerInstructions?.[0]?.instructions.length).toBeGreaterThan(0);
});

test("a transaction of version 0 is given to those who know the version", async () => {
  const [from, to] = [await wallet(), Keypair.generate()];
  const { blockhash } = await connection.getLatestBlockhash();
  const message = new TransactionMessage({
    payerKey: from.publicKey,
    recentBlockhash: blockhash,
    instructions: [transfer(from, to.publicKey, SOL)],
  }).compileToV0Message();
  const transaction = new VersionedTransaction(message);
  transaction.sign([from]);
  const signature = await connection.sendTransaction(transaction);
  chain.warp(1);
  const known = await connection.getTransaction(signature, { maxSupportedTransactionVersion: 0 });
  expect(known?.version).toBe(0);
  expect((await callRpc(chain.url, "getTransaction", signature)).error).toMatchObject({ code: -32015 });
  const { result } = await callRpc(chain.url, "getTransaction", signature, {
    encoding: "base64",
    maxSupportedTransactionVersion: 0,
  });
  const bytes = Buffer.from(transaction.serialize()).toString("base64");
  expect(result).toMatchObject({ transaction: [bytes, "base64"] });
});

test("an address has its transactions, newest first, from and to where it is asked", async () => {
  const [from, to] = [await wallet(), Keypair.generate()];
  const signatures: string[] = [];
  for (const amount of [SOL, 2 * SOL, 3 * SOL]) signatures.push(await pay(from, to, amount));
  const [first = "", second = "", third = ""] = signatures;
  const list = async (options?: { before?: string; until?: string; limit?: number }) =>
    (await connection.getSignaturesForAddress(to.publicKey, options)).map(({ signature }) => signature);
  expect(await list()).toEqual([third, second, first]);
  expect(await list({ limit: 1 })).toEqual([third]);
  expect(await list({ before: third })).toEqual([second, first]);
  expect(await list({ until: first })).toEqual([third, second]);
});

test("an old status is found by those who search the history alone", async () => {
  const signature = await pay(await wallet(), Keypair.generate(), SOL);
  chain.warp(180);
  expect((await connection.getSignatureStatus(signature)).value).toBeNull();
  const { value } = await connection.getSignatureStatus(signature, { searchTransactionHistory: true });
  expect(value?.confirmationStatus).toBe("finalized");
});

test("nobody knows of a transaction that nobody sent", async () => {
  const signature = await pay(await wallet(), Keypair.generate(), SOL);
  const unknown = `${signature.slice(0, -2)}${signature.endsWith("11") ? "22" : "11"}`;
  const { value } = await connection.getSignatureStatuses([signature, unknown]);
  expect(value[0]).not.toBeNull();
  expect(value[1]).toBeNull();
  expect(await connection.getTransaction(unknown, { maxSupportedTransactionVersion: 0 })).toBeNull();
});

test("history knows nothing of what is only processed", async () => {
  const signature = await pay(await wallet(), Keypair.generate(), SOL);
  const { error } = await callRpc(chain.url, "getTransaction", signature, { commitment: "processed" });
  expect(error).toMatchObject({ code: -32602, message: expect.stringContaining("below `confirmed`") });
});
