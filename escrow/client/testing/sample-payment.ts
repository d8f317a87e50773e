import {
  ComputeBudgetProgram,
  type TransactionInstruction,
  TransactionMessage,
  VersionedTransaction,
} from "@solana/web3.js";
import { type Address, parseAddress, publicKeyOf } from "../address.ts";
import { createInstruction } from "../instructions/create-instruction.ts";
import { role, TOKEN } from "../instructions/role.ts";
import type { Signer } from "../signer.ts";

interface Transfer {
  payer: Address;
  source: Address;
  mint: Address;
  destination: Address;
  amount: bigint;
}

/** TransferChecked of a coin with six decimals. */
export function transferChecked({
  payer,
  source,
  mint,
  destination,
  amount,
}: Transfer): TransactionInstruction {
  const data = new Uint8Array(10);
  data[0] = 12;
  new DataView(data.buffer).setBigUint64(1, amount, true);
  data[9] = 6;
  return createInstruction(
    TOKEN,
    [role(source, "writable"), role(mint), role(destination, "writable"), role(payer, "signer")],
    data,
  );
}

/** What an x402 client puts beside its transfer. */
export const budgetOf = (unit_limit: number, unit_price: number): TransactionInstruction[] => [
  ComputeBudgetProgram.setComputeUnitLimit({ units: unit_limit }),
  ComputeBudgetProgram.setComputeUnitPrice({ microLamports: unit_price }),
];

export const memo = (text: string): TransactionInstruction =>
  createInstruction(
    parseAddress("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr"),
    [],
    new TextEncoder().encode(text),
  );

/** A transaction that the payer has signed, and the fee payer has not. */
export async function signByPayer(
  instructions: readonly TransactionInstruction[],
  { payer, fee_payer, blockhash }: { payer: Signer; fee_payer: Address; blockhash: string },
): Promise<Uint8Array> {
  const message = new TransactionMessage({
    payerKey: publicKeyOf(fee_payer),
    recentBlockhash: blockhash,
    instructions: [...instructions],
  }).compileToV0Message();
  const transaction = new VersionedTransaction(message);
  const signature = await payer.sign(new Uint8Array(message.serialize()));
  transaction.addSignature(publicKeyOf(payer.address), signature);
  return transaction.serialize();
}
