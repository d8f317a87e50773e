import type { SlashEvidence } from "@infernet/schemas/slashing";

/** What came of preparing a slashing. Nothing has left. */
export type SlashPreparation =
  /** `step` is the rail's own text, to be stored before `advanceSlash` sees it. */
  | { kind: "prepared"; step: string }
  /** There is no bond: there never was one, it has left, or it was slashed. */
  | { kind: "no_bond" }
  /** No bond answers for this evidence. */
  | { kind: "refused"; detail: string };

/** How a prepared slashing stands. A timeout, an error, a refusal on the way are `unknown`, never `failed`. */
export type SlashOutcome =
  | { state: "unknown"; detail: string | null }
  /** It has happened, and may still be undone. */
  | { state: "pending" }
  /** It has happened for good. `amount`: the bond as it was when this was signed, in the unit's smallest parts. */
  | { state: "done"; reference: string; amount: bigint }
  /** It has failed for good and moved nothing. */
  | { state: "failed"; detail: string }
  /** It did not happen and never will. */
  | { state: "expired" };

/**
 * What a rail with bonds does to the bond of a provider that contradicted itself: the reporter, which is the aggregator, gets
 * half, and half is burned. In three steps, as payments are made: see `Rail`.
 */
export interface BondDesk {
  /** Throws `chain_unavailable` and `chain_contradicts`. */
  prepareSlash(evidence: SlashEvidence): Promise<SlashPreparation>;
  /** Throws `chain_contradicts`. */
  advanceSlash(step: string): Promise<SlashOutcome>;
}
