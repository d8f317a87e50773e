import { Address } from "@infernet/escrow/client/address";
import type { SignedTransaction } from "@infernet/escrow/client/transaction/signed-transaction";
import { z } from "zod";
import { restoreTransaction, StoredTransaction, storeTransaction, Whole } from "./stored-transaction.ts";

const Step = StoredTransaction.extend({
  escrow: Address,
  opened: Whole,
  sequence: z.int(),
  /** What each payee gets. */
  amounts: z.array(Whole),
  fee: Whole,
});

/** A signed release, and what is needed to tell later what became of it. */
export interface SolanaStep {
  transaction: SignedTransaction;
  escrow: Address;
  opened: string;
  sequence: number;
  amounts: bigint[];
  fee: bigint;
}

export const renderStep = ({ transaction, amounts, fee, ...rest }: SolanaStep): string =>
  JSON.stringify({
    ...rest,
    ...storeTransaction(transaction),
    amounts: amounts.map(String),
    fee: fee.toString(),
  } satisfies z.infer<typeof Step>);

export function parseStep(text: string): SolanaStep {
  const { signature, raw, last_valid_block_height, amounts, fee, ...rest } = Step.parse(JSON.parse(text));
  return {
    ...rest,
    transaction: restoreTransaction({ signature, raw, last_valid_block_height }),
    amounts: amounts.map(BigInt),
    fee: BigInt(fee),
  };
}
