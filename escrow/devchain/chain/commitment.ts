/** How settled something is, weakest first. */
export const COMMITMENTS = ["processed", "confirmed", "finalized"] as const;
export type Commitment = (typeof COMMITMENTS)[number];

/** Slots from the one in which a transaction is executed until the cluster counts it as settled that far. */
export interface CommitmentLags {
  confirmed: number;
  finalized: number;
}

export const isCommitment = (value: unknown): value is Commitment =>
  COMMITMENTS.some((commitment) => commitment === value);

export function lagOf(commitment: Commitment, lags: CommitmentLags): number {
  return commitment === "processed" ? 0 : lags[commitment];
}

/** The strongest commitment that what happened `slots_ago` has reached. */
export function commitmentAfter(slots_ago: number, lags: CommitmentLags): Commitment {
  if (slots_ago >= lags.finalized) return "finalized";
  return slots_ago >= lags.confirmed ? "confirmed" : "processed";
}
