import type { SignedTransaction } from "@infernet/escrow/client/transaction/signed-transaction";
import { base64 } from "@scure/base";
import { z } from "zod";

/** A whole number of a step, in decimal. */
export const Whole = z.string().regex(/^\d+$/);

/** How a step's JSON holds its signed transaction. */
export const StoredTransaction = z.strictObject({
  signature: z.string(),
  /** The signed transaction in base64. */
  raw: z.string(),
  last_valid_block_height: z.int(),
});
export type StoredTransaction = z.infer<typeof StoredTransaction>;

export const storeTransaction = ({
  signature,
  raw,
  last_valid_block_height,
}: SignedTransaction): StoredTransaction => ({
  signature,
  raw: base64.encode(raw),
  last_valid_block_height,
});

export const restoreTransaction = ({
  signature,
  raw,
  last_valid_block_height,
}: StoredTransaction): SignedTransaction => ({
  signature,
  raw: new Uint8Array(base64.decode(raw)),
  last_valid_block_height,
});
