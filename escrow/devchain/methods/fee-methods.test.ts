import {
  ComputeBudgetProgram,
  Ed25519Program,
  Keypair,
  Message,
  Transaction,
  type TransactionInstruction,
} from "@solana/web3.js";
import { expect, test } from "vitest";
import { transfer } from "../testing/instructions.ts";
import { openChain } from "../testing/open-chain.ts";

const { chain, connection, wallet } = await openChain();
const payee = Keypair.generate();
const price = ComputeBudgetProgram.setComputeUnitPrice({ microLamports: 1_000_001 });
const limit = ComputeBudgetProgram.setComputeUnitLimit({ units: 1_000 });
const evidence = Ed25519Program.createInstructionWithPrivateKey({
  privateKey: payee.secretKey,
  message: Buffer.from("agreed"),
});

test.each<[string, TransactionInstruction[], number]>([
  ["one signature", [], 5_000],
  ["a bid for limited units", [price, limit], 6_001],
  ["a bid for the units of built-in programs", [price], 11_001],
  ["a signature among the evidence", [evidence], 10_000],
])("the fee for %s is what is taken", async (_, instructions, fee) => {
  const from = await wallet();
  const transaction = new Transaction({
    feePayer: from.publicKey,
    ...(await connection.getLatestBlockhash()),
  });
  transaction.add(...instructions, transfer(from, payee.publicKey, 1_000_000));
  expect((await connection.getFeeForMessage(transaction.compileMessage())).value).toBe(fee);
  transaction.sign(from);
  const signature = await connection.sendRawTransaction(transaction.serialize());
  chain.warp(1);
  const found = await connection.getTransaction(signature, { maxSupportedTransactionVersion: 0 });
  expect(found?.meta?.fee).toBe(fee);
});

test("a message whose blockhash is not valid has no fee", async () => {
  const from = await wallet();
  const message = Message.compile({
    payerKey: from.publicKey,
    instructions: [transfer(from, payee.publicKey, 1)],
    recentBlockhash: Keypair.generate().publicKey.toBase58(),
  });
  expect((await connection.getFeeForMessage(message)).value).toBeNull();
});

test("nobody has bid lately", async () => {
  const fees = await connection.getRecentPrioritizationFees();
  expect(fees.length).toBeGreaterThan(0);
  expect(fees.every(({ prioritizationFee }) => prioritizationFee === 0)).toBe(true);
});
