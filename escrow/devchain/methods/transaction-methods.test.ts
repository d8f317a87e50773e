import { setTimeout as delay } from "node:timers/promises";
import {
  Keypair,
  SendTransactionError,
  sendAndConfirmTransaction,
  Transaction,
  TransactionInstruction,
  TransactionMessage,
  VersionedTransaction,
} from "@solana/web3.js";
import { expect, test } from "vitest";
import { callRpc } from "../testing/call-rpc.ts";
import { transfer } from "../testing/instructions.ts";
import { openChain } from "../testing/open-chain.ts";
import { signFresh } from "../testing/send-fresh.ts";
import { tinyProgram } from "../testing/tiny-program.ts";

const PROGRAM = Keypair.generate().publicKey;
const SOL = 1_000_000_000;
const { chain, connection, wallet } = await openChain({
  programs: [{ id: PROGRAM.toBase58(), elf: tinyProgram() }],
});

const failWith = (code: number) =>
  new TransactionInstruction({ programId: PROGRAM, keys: [], data: Buffer.from([code]) });

const signed = (payer: Keypair, ...instructions: TransactionInstruction[]) =>
  signFresh(connection, payer, instructions);

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it was not refused");
}

test("an airdrop arrives", async () => {
  const { publicKey } = Keypair.generate();
  const signature = await connection.requestAirdrop(publicKey, SOL);
  await connection.confirmTransaction(signature, "confirmed");
  expect(await connection.getBalance(publicKey)).toBe(SOL);
});

test("two equal airdrops in one slot are two", async () => {
  const { publicKey } = Keypair.generate();
  const signatures = await Promise.all([1, 2].map(() => connection.requestAirdrop(publicKey, SOL)));
  expect(new Set(signatures).size).toBe(2);
  expect(await connection.getBalance(publicKey, "processed")).toBe(2 * SOL);
});

test("a transfer is confirmed by subscription", async () => {
  const [from, to] = [await wallet(), Keypair.generate()];
  await sendAndConfirmTransaction(connection, new Transaction().add(transfer(from, to.publicKey, SOL)), [
    from,
  ]);
  expect(await connection.getBalance(to.publicKey)).toBe(SOL);
});

test("a transfer is confirmed by polling", async () => {
  const [from, to] = [await wallet(), Keypair.generate()];
  const transaction = await signed(from, transfer(from, to.publicKey, SOL));
  const signature = await connection.sendRawTransaction(transaction.serialize());
  let status: string | undefined;
  while (status !== "finalized") {
    const { value } = await connection.getSignatureStatus(signature);
    expect(value).toMatchObject({ err: null });
    status = value?.confirmationStatus;
    await delay(5);
  }
  expect(await connection.getBalance(to.publicKey, "finalized")).toBe(SOL);
});

test("a version 0 transaction is executed", async () => {
  const [from, to] = [await wallet(), Keypair.generate()];
  const { blockhash, lastValidBlockHeight } = await connection.getLatestBlockhash();
  const message = new TransactionMessage({
    payerKey: from.publicKey,
    recentBlockhash: blockhash,
    instructions: [transfer(from, to.publicKey, SOL)],
  }).compileToV0Message();
  const transaction = new VersionedTransaction(message);
  transaction.sign([from]);
  const signature = await connection.sendTransaction(transaction);
  await connection.confirmTransaction({ signature, blockhash, lastValidBlockHeight });
  expect(await connection.getBalance(to.publicKey)).toBe(SOL);
});

test("a simulation tells the logs and changes nothing", async () => {
  const [from, to] = [await wallet(), Keypair.generate()];
  const transaction = await signed(from, failWith(0), transfer(from, to.publicKey, SOL));
  const { value } = await connection.simulateTransaction(transaction, [from], [to.publicKey]);
  expect(value.err).toBeNull();
  expect(value.logs).toContain(`Program ${PROGRAM} success`);
  expect(value.unitsConsumed).toBeGreaterThan(0);
  expect(value.accounts?.[0]?.lamports).toBe(SOL);
  expect(await connection.getBalance(to.publicKey, "processed")).toBe(0);
});

test("a simulation needs neither signatures nor a valid blockhash when it is told so", async () => {
  const from = await wallet();
  const message = new TransactionMessage({
    payerKey: from.publicKey,
    recentBlockhash: Keypair.generate().publicKey.toBase58(),
    instructions: [failWith(3)],
  }).compileToV0Message();
  const transaction = new VersionedTransaction(message);
  expect((await connection.simulateTransaction(transaction)).value.err).toBe("BlockhashNotFound");
  const { value } = await connection.simulateTransaction(transaction, { replaceRecentBlockhash: true });
  expect(value.err).toEqual({ InstructionError: [0, { Custom: 3 }] });
});

test("a failing transaction is refused before it is sent, with its logs and the program's own error", async () => {
  const from = await wallet();
  const transaction = new Transaction().add(failWith(10));
  const error = await rejection(sendAndConfirmTransaction(connection, transaction, [from]));
  if (!(error instanceof SendTransactionError)) throw error;
  expect(error.transactionError.message).toBe(
    "Transaction simulation failed: Error processing Instruction 0: custom program error: 0xa",
  );
  expect(error.logs).toContain(`Program ${PROGRAM} failed: custom program error: 0xa`);

  const bytes = (await signed(from, failWith(10))).serialize().toString("base64");
  const answer = await callRpc(chain.url, "sendTransaction", bytes, { encoding: "base64" });
  expect(answer.error).toMatchObject({
    code: -32002,
    data: { err: { InstructionError: [0, { Custom: 10 }] } },
  });
});

test("a failing transaction that is sent all the same fails on the chain, and pays its fee", async () => {
  const from = await wallet();
  const before = await connection.getBalance(from.publicKey);
  const transaction = await signed(from, failWith(10));
  const signature = await connection.sendRawTransaction(transaction.serialize(), { skipPreflight: true });
  chain.warp(1);
  const { value } = await connection.getSignatureStatus(signature);
  expect(value).toMatchObject({
    err: { InstructionError: [0, { Custom: 10 }] },
    confirmationStatus: "finalized",
  });
  expect(before - (await connection.getBalance(from.publicKey))).toBe(5_000);
});

test("the same bytes are executed once", async () => {
  const [from, to] = [await wallet(), Keypair.generate()];
  const bytes = (await signed(from, transfer(from, to.publicKey, SOL))).serialize();
  const signature = await connection.sendRawTransaction(bytes);
  expect(await connection.sendRawTransaction(bytes, { skipPreflight: true })).toBe(signature);
  const error = await rejection(connection.sendRawTransaction(bytes));
  expect(String(error)).toMatch("This transaction has already been processed");
  expect(await connection.getBalance(to.publicKey, "processed")).toBe(SOL);
});

test("an expired blockhash is refused, and without preflight the transaction never lands", async () => {
  const [from, to] = [await wallet(), Keypair.generate()];
  const transaction = await signed(from, transfer(from, to.publicKey, SOL));
  chain.warp(90);
  const answer = await callRpc(chain.url, "sendTransaction", transaction.serialize().toString("base64"), {
    encoding: "base64",
  });
  expect(answer.error).toMatchObject({
    code: -32002,
    message: "Transaction simulation failed: Blockhash not found",
    data: { err: "BlockhashNotFound" },
  });
  const signature = await connection.sendRawTransaction(transaction.serialize(), { skipPreflight: true });
  chain.warp(1);
  expect((await connection.getSignatureStatus(signature)).value).toBeNull();
});

test("a wrong signature is refused, and never lands", async () => {
  const from = await wallet();
  const bytes = (await signed(from, failWith(0))).serialize();
  bytes.writeUInt8(bytes.readUInt8(10) ^ 1, 10);
  const sent = (skipPreflight: boolean) =>
    callRpc(chain.url, "sendTransaction", bytes.toString("base64"), { encoding: "base64", skipPreflight });
  expect((await sent(false)).error).toMatchObject({
    code: -32003,
    message: "Transaction signature verification failure",
  });
  const { result } = await sent(true);
  expect((await connection.getSignatureStatus(String(result))).value).toBeNull();
});

test("who has no money pays no fee, and nothing lands", async () => {
  const poor = Keypair.generate();
  const bytes = (await signed(poor, failWith(0))).serialize().toString("base64");
  const { error } = await callRpc(chain.url, "sendTransaction", bytes, { encoding: "base64" });
  expect(error).toMatchObject({ code: -32002, data: { err: "AccountNotFound" } });
});

test("what is no transaction is an invalid parameter", async () => {
  const sent = async (text: string) =>
    (await callRpc(chain.url, "sendTransaction", text, { encoding: "base64" })).error;
  expect(await sent("AAAA")).toMatchObject({ code: -32602 });
  expect(await sent("no base64!")).toMatchObject({
    code: -32602,
    message: expect.stringMatching("is no base64"),
  });
  expect(await sent(Buffer.alloc(1_233).toString("base64"))).toMatchObject({
    code: -32602,
    message: "Invalid params: the transaction has 1233 bytes, at most 1232 are allowed",
  });
});
