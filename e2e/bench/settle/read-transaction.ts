import { z } from "zod";
import type { ChainProcess } from "../../chain/chain-process.ts";

/** What the chain says of a transaction that has landed. */
export interface TransactionCost {
  bytes: number;
  /** Of the wallets that signed the transaction. */
  signatures: number;
  compute_units: number;
  fee_lamports: number;
  /** What left the fee payer beside the fee: the rent of accounts that were made. */
  rent_lamports: number;
}

const Landed = z.object({
  transaction: z.tuple([z.base64(), z.literal("base64")]),
  meta: z.object({
    err: z.null(),
    fee: z.int(),
    computeUnitsConsumed: z.int(),
    preBalances: z.array(z.int()),
    postBalances: z.array(z.int()),
  }),
});

export async function readTransaction(chain: ChainProcess, signature: string): Promise<TransactionCost> {
  const options = { encoding: "base64", commitment: "finalized", maxSupportedTransactionVersion: 0 };
  const { transaction, meta } = Landed.parse(await chain.call("getTransaction", [signature, options]));
  const raw = Buffer.from(transaction[0], "base64");
  const paid = (meta.preBalances[0] ?? 0) - (meta.postBalances[0] ?? 0);
  return {
    bytes: raw.length,
    // Their number comes first; below 128 it is one byte.
    signatures: raw[0] ?? 0,
    compute_units: meta.computeUnitsConsumed,
    fee_lamports: meta.fee,
    rent_lamports: paid - meta.fee,
  };
}
