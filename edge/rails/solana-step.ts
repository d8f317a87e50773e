import { Address } from "@infernet/escrow/client/address";
import type { SignedTransaction } from "@infernet/escrow/client/transaction/signed-transaction";
import { base64 } from "@scure/base";
import { z } from "zod";

const Whole = z.string().regex(/^\d+$/);

const Step = z.strictObject({
  signature: z.string(),
  /** The signed transaction in base64. */
  raw: z.string(),
  last_valid_block_height: z.int(),
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
    signature: transaction.signature,
    raw: base64.encode(transaction.raw),
    last_valid_block_height: transaction.last_valid_block_height,
    amounts: amounts.map(String),
    fee: fee.toString(),
  } satisfies z.infer<typeof Step>);

export function parseStep(text: string): SolanaStep {
  const { signature, raw, last_valid_block_height, amounts, fee, ...rest } = Step.parse(JSON.parse(text));
  return {
    ...rest,
    transaction: { signature, raw: new Uint8Array(base64.decode(raw)), last_valid_block_height },
    amounts: amounts.map(BigInt),
    fee: BigInt(fee),
  };
}
