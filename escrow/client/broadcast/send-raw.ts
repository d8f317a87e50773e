import { type Connection, SendTransactionError } from "@solana/web3.js";
import type { Address } from "../address.ts";
import { readLogs, type TransactionFailure } from "../program-failure.ts";
import { RpcFailure } from "../rpc/rpc-failure.ts";

/**
 * Hands the bytes to one endpoint, which simulates them first. Null when it took them; a failure when a program refused
 * them there. Any other refusal (an endpoint that does not know the blockhash yet, one that lags) is the endpoint's, and
 * another may take them.
 */
export async function sendRaw(
  connection: Connection,
  raw: Uint8Array,
  program: Address,
): Promise<TransactionFailure | null> {
  try {
    await connection.sendRawTransaction(raw, { preflightCommitment: "confirmed" });
    return null;
  } catch (error) {
    if (!(error instanceof SendTransactionError)) throw error;
    const { message, logs } = error.transactionError;
    if (/already been processed/.test(message)) return null;
    const failure = readLogs(logs ?? [], program);
    if (failure === null) throw new RpcFailure(message, false);
    return failure;
  }
}
