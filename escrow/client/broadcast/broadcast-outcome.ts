import type { TransactionFailure } from "../program-failure.ts";

/** What is known about a signed transaction. */
export type BroadcastOutcome =
  /**
   * It may land and it may not. Keep its bytes, sign nothing else for what it does, look again later. `refusal` says why an
   * endpoint would not pass it on, if one said so: a forecast, no verdict.
   */
  | { state: "unknown"; refusal: string | null }
  /** In a block that may still be given up. */
  | { state: "seen"; commitment: "processed" | "confirmed"; slot: number }
  /** In the chain for good. */
  | { state: "landed"; slot: number }
  /** In the chain for good, and it moved nothing but its fee. */
  | { state: "failed"; slot: number; failure: TransactionFailure }
  /** Not in the chain, and never will be. Only now may another be signed for the same purpose. */
  | { state: "expired" };

/** Whether nothing about it will change any more. */
export const isSettled = ({ state }: BroadcastOutcome): boolean =>
  state === "landed" || state === "failed" || state === "expired";
