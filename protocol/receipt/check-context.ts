import type { Sha256 } from "@infernet/schemas/digest";
import type { LeaseId, RunnerId } from "@infernet/schemas/ids";
import type { Receipt, ReceiptEpoch } from "@infernet/schemas/receipt";
import type { Findings } from "./findings.ts";

/** What the checks of one receipt share. */
export interface CheckContext {
  readonly receipt: Receipt;
  readonly findings: Findings;
  /** Announced epochs by their numbers. */
  readonly epochs: ReadonlyMap<number, ReceiptEpoch>;
  /** Seeds that are known and have the announced hash, 32 bytes each. */
  readonly seeds: ReadonlyMap<number, Uint8Array>;
  /** The root of the tree under each commitment. */
  readonly trees: ReadonlyMap<LeaseId, Sha256>;
  /** Comparisons of which the evidence has not shown yet that equal bytes were compared: see `nameComparison`. */
  readonly told: Set<string>;
}

/** @param lease of the check, or of the answer that replaces a delivered one */
export const nameComparison = (lease: LeaseId, other: RunnerId): string => `${lease} with ${other}`;
