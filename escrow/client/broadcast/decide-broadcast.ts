import type { TransactionError } from "@solana/web3.js";

/** What one look at the chain found out about a transaction. */
export type Observation =
  /** Nobody could be asked. */
  | { status: "unavailable" }
  /** Nobody knows it, in the whole history either, asked when blocks up to this height were final already. */
  | { status: "absent"; finalized_height: number }
  | {
      status: "processed" | "confirmed" | "finalized";
      slot: number;
      /** Null when it did what it was for; else it changed nothing but the payer's balance. */
      err: TransactionError | null;
    };

export type Decision =
  /** Send the same bytes, again or for the first time. */
  | { action: "send" }
  /** It is in a block that may still be given up. */
  | { action: "wait"; status: "processed" | "confirmed"; slot: number }
  /** It is in the chain for good. */
  | { action: "landed"; slot: number; err: TransactionError | null }
  /** It is not in the chain and never will be: only now may another transaction be signed for what it was to do. */
  | { action: "expired" };

/**
 * What to do about a signed transaction. Nothing but a block that can no longer be given up, and an absence beyond the last
 * block that could hold it, ends it; a timeout, a refusal or an RPC error says nothing. Sending the same bytes twice is
 * harmless, since the chain takes a signature once; signing the same payment twice is not, though the program would refuse
 * a second release that names the same `releases`.
 */
export function decideBroadcast(last_valid_block_height: number, seen: Observation): Decision {
  switch (seen.status) {
    case "unavailable":
      return { action: "send" };
    case "absent":
      return { action: seen.finalized_height > last_valid_block_height ? "expired" : "send" };
    case "processed":
    case "confirmed":
      return { action: "wait", status: seen.status, slot: seen.slot };
    case "finalized":
      return { action: "landed", slot: seen.slot, err: seen.err };
    default:
      return seen satisfies never;
  }
}
