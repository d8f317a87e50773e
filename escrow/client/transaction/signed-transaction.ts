import type { Bytes } from "@infernet/schemas/digest";

/**
 * A transaction that is signed and not sent. All three members are to be stored before it is sent for the first time:
 * from then on only these bytes may be sent for what it does, until it has landed or is known to have expired.
 */
export interface SignedTransaction {
  /** Its name on the chain: its first signature, 64 bytes in base58. */
  signature: string;
  raw: Bytes;
  /** The last block that can hold it. */
  last_valid_block_height: number;
}
