import type { Connection } from "@solana/web3.js";
import { RpcFailure } from "../rpc/rpc-failure.ts";
import type { Observation } from "./decide-broadcast.ts";

/**
 * Looks for a transaction by one endpoint. The height is read before the status: read after it, a transaction could land
 * between the two and be taken for expired. An endpoint whose status comes from an older slot than its own finalized one
 * has told nothing (behind a load balancer the two may be different machines).
 */
export async function observeTransaction(connection: Connection, signature: string): Promise<Observation> {
  const { blockHeight, absoluteSlot } = await connection.getEpochInfo({ commitment: "finalized" });
  const { context, value } = await connection.getSignatureStatuses([signature], {
    searchTransactionHistory: true,
  });
  if (context.slot < absoluteSlot)
    throw new RpcFailure(`a status of slot ${context.slot}, when ${absoluteSlot} was final already`, true);
  const status = value[0] ?? null;
  if (status === null) {
    if (blockHeight === undefined) throw new RpcFailure("no block height", false);
    return { status: "absent", finalized_height: blockHeight };
  }
  const { slot, err, confirmationStatus } = status;
  return { status: confirmationStatus ?? "processed", slot, err };
}
