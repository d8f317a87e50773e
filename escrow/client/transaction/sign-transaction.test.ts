import { hex } from "@scure/base";
import { VersionedTransaction } from "@solana/web3.js";
import { describe, expect, it } from "vitest";
import { parseAddress } from "../address.ts";
import { releaseEscrow } from "../instructions/release-escrow.ts";
import { requestBondExit } from "../instructions/request-bond-exit.ts";
import type { Signer } from "../signer.ts";
import { plainAddress, seedSigner } from "../testing/seeds.ts";
import vectors from "../vectors.json" with { type: "json" };
import { computeBudget } from "./compute-budget.ts";
import { signTransaction, type TransactionPlan } from "./sign-transaction.ts";

const PROGRAM = plainAddress(0xee);
const { transaction: vector } = vectors;

async function samplePlan(): Promise<TransactionPlan> {
  const provider = await seedSigner(2);
  return {
    instructions: [
      ...computeBudget({ unit_limit: 50_000, unit_price: 1_000n }, 100_000n),
      requestBondExit(PROGRAM, provider.address, plainAddress(3)),
    ],
    fee_payer: await seedSigner(1),
    signers: [provider],
    blockhash: parseAddress(vector.blockhash),
    last_valid_block_height: 1_150,
  };
}

const bigRelease = (authority: Signer, payees: number) =>
  releaseEscrow(PROGRAM, {
    authority: authority.address,
    escrow: plainAddress(1),
    mint: plainAddress(2),
    fee_token: plainAddress(3),
    releases: 0,
    fee: 0n,
    payees: {
      kind: "committed",
      payees: Array.from({ length: payees }, (_, index) => ({
        token_account: plainAddress(100 + index),
        amount: 1n,
        index,
        path: Array.from({ length: 4 }, () => new Uint8Array(32)),
      })),
    },
  });

describe("signing a transaction", () => {
  it("gives the vector's bytes", async () => {
    const signed = await signTransaction(await samplePlan());
    expect(hex.encode(signed.raw)).toBe(vector.raw);
    expect(signed).toMatchObject({ signature: vector.signature, last_valid_block_height: 1_150 });
  });

  it("gives a version 0 transaction that web3.js reads, with the fee payer first", async () => {
    const { raw } = await signTransaction(await samplePlan());
    const { message, version } = VersionedTransaction.deserialize(raw);
    expect(version).toBe(0);
    expect(message.staticAccountKeys[0]?.toBase58()).toBe((await seedSigner(1)).address);
  });

  it("says how long a transaction is that does not fit", async () => {
    const fee_payer = await seedSigner(1);
    const plan = { ...(await samplePlan()), fee_payer, signers: [] };
    await expect(
      signTransaction({ ...plan, instructions: [bigRelease(fee_payer, 12)] }),
    ).rejects.toMatchObject({
      code: "transaction_too_large",
      message: expect.stringMatching(/^the transaction has 2\d{3} bytes; 1232 is the most/),
    });
  });

  it("asks for everybody who has to sign", async () => {
    const signing = signTransaction({ ...(await samplePlan()), signers: [] });
    await expect(signing).rejects.toMatchObject({ code: "signer_missing" });
  });

  it("takes no signature that is not the signer's", async () => {
    const plan = await samplePlan();
    const { address } = await seedSigner(2);
    const wrong: Signer = { address, sign: (message) => plan.fee_payer.sign(message) };
    await expect(signTransaction({ ...plan, signers: [wrong] })).rejects.toMatchObject({
      code: "signature_invalid",
    });
  });
});

describe("the compute budget", () => {
  it("is left to the cluster when nothing is set", () => {
    expect(computeBudget({ unit_limit: null, unit_price: 0n }, 100n)).toEqual([]);
  });

  it("never offers more than the setting allows", () => {
    const offer = (unit_price: bigint) =>
      computeBudget({ unit_limit: null, unit_price }, 100n)[0]?.data.at(1);
    expect([offer(99n), offer(100n), offer(5_000n)]).toEqual([99, 100, 100]);
  });
});
