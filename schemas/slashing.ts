import { z } from "zod";
import { Sha256 } from "./digest.ts";
import { JobId, RunnerId } from "./ids.ts";
import { SignedRoot } from "./job-fact.ts";
import { MicroAmount } from "./money.ts";

/** Two roots that a provider signed for one lease: what a stake answers for. */
export const SlashEvidence = z.strictObject({
  provider: RunnerId,
  /** Where it happened; the job's receipt has the rest. */
  job_id: JobId,
  /** sha256 of the commitments' canonical context, which names the lease. */
  context_sha256: Sha256,
  first: SignedRoot,
  second: SignedRoot,
});
export type SlashEvidence = z.infer<typeof SlashEvidence>;

/**
 * `open`: under way, however long the chain takes. `slashed` and `nothing_to_slash` are ends: the provider had no bond, or
 * the chain does not take the evidence.
 */
export const SlashingState = z.enum(["open", "slashed", "nothing_to_slash"]);
export type SlashingState = z.infer<typeof SlashingState>;

/** A slashing as the operator sees it. */
export const TreasurySlashing = z
  .strictObject({
    object: z.literal("slashing"),
    provider: RunnerId,
    job_id: JobId,
    context_sha256: Sha256,
    state: SlashingState,
    /** The bond as it was when its slashing was signed: half of it went to the aggregator, half was burned. */
    amount_micro: MicroAmount.nullable(),
    reference: z.string().nullable(),
    /** What kept it from being gone on with the last time, or how it ended. */
    detail: z.string().nullable(),
    /** When it came into its state. */
    since: z.iso.datetime(),
  })
  .meta({ id: "TreasurySlashing" });
export type TreasurySlashing = z.infer<typeof TreasurySlashing>;
