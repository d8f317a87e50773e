import { Connection, SystemProgram, type TransactionInstruction } from "@solana/web3.js";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { publicKeyOf } from "../address.ts";
import { deriveEscrow } from "../derive-addresses.ts";
import type { Signer } from "../signer.ts";
import { startTestChain, type TestChain } from "../testing/devnet.ts";
import { budgetOf, memo, signByPayer, transferChecked } from "../testing/sample-payment.ts";
import { plainAddress, seedSigner } from "../testing/seeds.ts";
import { deriveTokenAccount } from "../token-account.ts";
import { coSignPayment } from "./co-sign-payment.ts";
import { parseTokenPayment } from "./token-payment.ts";

const BLOCKHASH = plainAddress(7);
const MINT = plainAddress(8);

let payer: Signer;
let operator: Signer;
beforeAll(async () => {
  payer = await seedSigner(1);
  operator = await seedSigner(2);
});

const transfer = (amount = 2_500n, by: Signer = payer): TransactionInstruction =>
  transferChecked({
    payer: by.address,
    source: deriveTokenAccount(by.address, MINT),
    mint: MINT,
    destination: plainAddress(9),
    amount,
  });

const sign = (...instructions: TransactionInstruction[]): Promise<Uint8Array> =>
  signByPayer(instructions, { payer, fee_payer: operator.address, blockhash: BLOCKHASH });

test("a payment says who pays whom how much, and what its fee payer spends beside the fee", async () => {
  const raw = await sign(...budgetOf(20_000, 1_000_000), transfer(), memo("once"));
  expect(await parseTokenPayment(raw)).toMatchObject({
    fee_payer: operator.address,
    payer: payer.address,
    source: deriveTokenAccount(payer.address, MINT),
    mint: MINT,
    destination: plainAddress(9),
    amount: 2_500n,
    blockhash: BLOCKHASH,
    priority_fee: 20_000n,
  });
});

test("a transaction that does anything else is no payment, so that nobody signs it as the fee payer", async () => {
  const budget = budgetOf(20_000, 1);
  const [limit, price] = budget as [TransactionInstruction, TransactionInstruction];
  const steal = SystemProgram.transfer({
    fromPubkey: publicKeyOf(operator.address),
    toPubkey: publicKeyOf(payer.address),
    lamports: 1,
  });
  const approve = transfer();
  approve.data[0] = 13;
  const noted = memo("to the fee payer");
  noted.keys.push({ pubkey: publicKeyOf(operator.address), isSigner: true, isWritable: false });
  const refusals: [TransactionInstruction[], RegExp][] = [
    [[...budget, transfer(), steal], /names the fee payer/],
    [[...budget, transfer(), noted], /names the fee payer/],
    [
      [
        ...budget,
        transfer(),
        SystemProgram.transfer({
          fromPubkey: publicKeyOf(payer.address),
          toPubkey: publicKeyOf(MINT),
          lamports: 1,
        }),
      ],
      /calls the program 1111/,
    ],
    [[...budget, transfer(), transfer()], /2 times, not once/],
    [[...budget, approve], /something else than TransferChecked/],
    [[...budget, transfer(), memo("a"), memo("b")], /more than one memo/],
    [[transfer()], /compute unit limit/],
    [[price, transfer()], /compute unit limit/],
    [[limit, price, price, transfer()], /compute unit limit/],
  ];
  for (const [instructions, reason] of refusals)
    await expect(sign(...instructions).then(parseTokenPayment)).rejects.toThrow(reason);
});

test("bytes that are no transaction, or carry something beside it, are no payment", async () => {
  const raw = await sign(...budgetOf(20_000, 1), transfer());
  await expect(parseTokenPayment(raw.subarray(0, 100))).rejects.toThrow(/not a transaction/);
  await expect(parseTokenPayment(new Uint8Array([...raw, 0]))).rejects.toThrow(
    /not how a transaction is written/,
  );
  await expect(parseTokenPayment(new Uint8Array(1_300))).rejects.toThrow(/1300 bytes/);
});

test("a payment that its payer did not sign is none", async () => {
  const raw = await sign(...budgetOf(20_000, 1), transfer());
  raw[70] = (raw[70] ?? 0) ^ 1;
  await expect(parseTokenPayment(raw)).rejects.toThrow(/did not sign it/);
});

test("only the fee payer that a payment names can sign it, and signs the same bytes each time", async () => {
  const payment = await parseTokenPayment(await sign(...budgetOf(20_000, 1), transfer()));
  const one = await coSignPayment(payment, operator, 5);
  expect(await coSignPayment(payment, operator, 5)).toEqual(one);
  await expect(coSignPayment(payment, payer, 5)).rejects.toThrow(/fee payer is/);
});

test("a payment with both signatures lands in the vault of an escrow that was opened empty", async () => {
  const world: TestChain = await startTestChain();
  onTestFinished(() => world.chain.close());
  const fee_payer = await world.person(3);
  const buyer = await world.person(4, 1_000_000n);
  const house = await seedSigner(5);
  const id = new Uint8Array(32).fill(6);
  const settle = (transaction: Parameters<typeof world.client.settle>[0]) =>
    world.client.settle(transaction, { patience_ms: 20_000, step_ms: 20 });
  const opening = await world.client.prepareOpen(
    {
      client: house,
      mint: world.mint,
      aggregator: fee_payer.address,
      id,
      fee_bps: 100,
      payees: { kind: "bonded", min_bond: 1n },
      deadline: world.inSeconds(3_600),
      amount: 0n,
      with_source: true,
    },
    { fee_payer },
  );
  expect(await settle(opening)).toMatchObject({ state: "landed" });
  const escrow = deriveEscrow(world.program, house.address, id).address;

  const latest = await new Connection(world.chain.url).getLatestBlockhash();
  const instruction = transferChecked({
    payer: buyer.address,
    source: deriveTokenAccount(buyer.address, world.mint),
    mint: world.mint,
    destination: deriveTokenAccount(escrow, world.mint),
    amount: 2_500n,
  });
  const raw = await signByPayer([...budgetOf(20_000, 1), instruction], {
    payer: buyer,
    fee_payer: fee_payer.address,
    blockhash: latest.blockhash,
  });
  const payment = await parseTokenPayment(raw);
  const lifetime = await world.client.readLifetime(payment.blockhash);
  expect(lifetime).toBeGreaterThanOrEqual(latest.lastValidBlockHeight);
  const signed = await coSignPayment(payment, fee_payer, lifetime ?? 0);
  expect(await settle(signed)).toMatchObject({ state: "landed" });
  expect(await world.client.readDeposit(escrow)).toMatchObject({ deposited: 2_500n });
  expect(await world.client.readLifetime(plainAddress(1))).toBeNull();
});
