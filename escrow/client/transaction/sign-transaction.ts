import { base58 } from "@scure/base";
import {
  type MessageV0,
  type TransactionInstruction,
  TransactionMessage,
  VersionedTransaction,
} from "@solana/web3.js";
import { addressOf, publicKeyOf } from "../address.ts";
import { EscrowError } from "../escrow-error.ts";
import type { Signer } from "../signer.ts";
import { verifyEd25519 } from "../verify-ed25519.ts";
import type { SignedTransaction } from "./signed-transaction.ts";
import { TRANSACTION_BYTES_MAX, transactionBytes } from "./transaction-bytes.ts";

export interface TransactionPlan {
  instructions: readonly TransactionInstruction[];
  fee_payer: Signer;
  /** The others who have to sign; whoever does not have to is passed over. */
  signers: readonly Signer[];
  /** A recent blockhash in base58, and the last block in which it is good. */
  blockhash: string;
  last_valid_block_height: number;
}

/**
 * Signs a version 0 transaction, and sends nothing. Throws transaction_too_large, signer_missing, and signature_invalid
 * when a signer gives something else than a signature that the chain will take.
 */
export async function signTransaction(plan: TransactionPlan): Promise<SignedTransaction> {
  const message = compileMessage(plan);
  const bytes = transactionBytes(message);
  if (bytes > TRANSACTION_BYTES_MAX)
    throw new EscrowError(
      "transaction_too_large",
      `the transaction has ${bytes} bytes; ${TRANSACTION_BYTES_MAX} is the most that the network takes`,
    );
  const signatures = await signMessage(message, [plan.fee_payer, ...plan.signers]);
  const raw = new Uint8Array(new VersionedTransaction(message, signatures).serialize());
  return {
    signature: base58.encode(raw.subarray(1, 65)),
    raw,
    last_valid_block_height: plan.last_valid_block_height,
  };
}

const compileMessage = ({ fee_payer, blockhash, instructions }: TransactionPlan): MessageV0 =>
  new TransactionMessage({
    payerKey: publicKeyOf(fee_payer.address),
    recentBlockhash: blockhash,
    instructions: [...instructions],
  }).compileToV0Message();

/** In the order in which the message names its signers. */
function signMessage(message: MessageV0, signers: readonly Signer[]): Promise<Uint8Array[]> {
  const bytes = new Uint8Array(message.serialize());
  const required = message.staticAccountKeys.slice(0, message.header.numRequiredSignatures).map(addressOf);
  return Promise.all(
    required.map(async (address) => {
      const signer = signers.find((candidate) => candidate.address === address);
      if (signer === undefined) throw new EscrowError("signer_missing", `nobody signs for ${address}`);
      const signature = await signer.sign(bytes);
      if (!(await verifyEd25519(address, bytes, signature)))
        throw new EscrowError("signature_invalid", `the signer of ${address} did not sign the transaction`);
      return signature;
    }),
  );
}
