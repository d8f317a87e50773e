import type { TransactionInstruction } from "@solana/web3.js";
import type { Address } from "../address.ts";
import type { EscrowReader } from "../escrow-reader.ts";
import type { EndpointPool } from "../rpc/endpoint-pool.ts";
import type { Signer } from "../signer.ts";
import { computeBudget } from "../transaction/compute-budget.ts";
import { signTransaction } from "../transaction/sign-transaction.ts";
import type { SignedTransaction } from "../transaction/signed-transaction.ts";

/** Who pays for a transaction, and how much it may cost. */
export interface Fees {
  fee_payer: Signer;
  /** Compute units; left out, the cluster's default. */
  unit_limit?: number;
  /** Micro-lamports for each compute unit of the limit; left out, none. */
  unit_price?: bigint;
}

/** What all preparations stand on. */
export interface Preparation {
  pool: EndpointPool;
  program: Address;
  reader: EscrowReader;
  /** What a compute unit may cost at most, in micro-lamports. */
  unit_price_max: bigint;
}

/** Signs the instructions with a blockhash of now. Nothing is sent. */
export async function prepareTransaction(
  { pool, unit_price_max }: Preparation,
  instructions: readonly TransactionInstruction[],
  signers: readonly Signer[],
  { fee_payer, unit_limit = 0, unit_price = 0n }: Fees,
): Promise<SignedTransaction> {
  // Its sibling without the context hides what went wrong behind an Error of its own.
  const { value: latest } = await pool.ask((connection) =>
    connection.getLatestBlockhashAndContext("confirmed"),
  );
  const budget = { unit_limit: unit_limit === 0 ? null : unit_limit, unit_price };
  return signTransaction({
    instructions: [...computeBudget(budget, unit_price_max), ...instructions],
    fee_payer,
    signers,
    blockhash: latest.blockhash,
    last_valid_block_height: latest.lastValidBlockHeight,
  });
}
