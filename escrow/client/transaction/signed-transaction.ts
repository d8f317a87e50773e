import type { Bytes } from "@infernet/schemas/digest";
import { base58 } from "@scure/base";
import { z } from "zod";

/** A transaction's name on the chain: its first signature, 64 bytes in base58. */
export const TransactionSignature = z
  .string()
  .min(64)
  .max(88)
  .refine(isSignature, "is not 64 bytes in base58");

function isSignature(text: string): boolean {
  try {
    return base58.decode(text).length === 64;
  } catch {
    return false;
  }
}

/**
 * A transaction that is signed and not sent. All three members are to be stored before it is sent for the first time:
 * from then on only these bytes may be sent for what it does, until it has landed or is known to have expired.
 */
export interface SignedTransaction {
  /** In base58. */
  signature: string;
  raw: Bytes;
  /** The last block that can hold it. */
  last_valid_block_height: number;
}
