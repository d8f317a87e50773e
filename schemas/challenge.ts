import { z } from "zod";
import { Sha256 } from "./digest.ts";
import { LIMITS } from "./limits.ts";

/** Bytes of one checkpoint of a chain. */
export const CHECKPOINT_BYTES = 32;

/**
 * Work that cannot be had but by doing it: `chains` chains, one for each core that a machine claims, each of `segments`
 * segments that follow on one another. See `protocol/challenge/`.
 */
export const Challenge = z
  .strictObject({
    /** Fresh random bytes, which also name the challenge. */
    seed: Sha256,
    chains: z.int().min(1).max(LIMITS.challenge_chains_max),
    segments: z.int().min(1).max(LIMITS.challenge_segments_max),
    /** Iterations of PBKDF2 in one segment. */
    iterations: z.int().min(1).max(LIMITS.challenge_iterations_max),
  })
  .meta({ id: "Challenge" });
export type Challenge = z.infer<typeof Challenge>;

/** `POST /runner/challenge` answers with this. */
export const ChallengeOffer = z
  .strictObject({
    /** Null: none is due. The edge's clock runs from here. */
    challenge: Challenge.nullable(),
    /** When to ask again, from now. */
    next_ms: z.int().min(0),
  })
  .meta({ id: "ChallengeOffer" });
export type ChallengeOffer = z.infer<typeof ChallengeOffer>;

/** `POST /runner/challenge/answer`, in the binary form: the checkpoints of each chain, one after the other. */
export const ChallengeAnswer = z.strictObject({
  seed: Sha256,
  chains: z
    .array(z.instanceof(Uint8Array).refine(isWhole, "is not 1 to challenge_segments_max checkpoints"))
    .min(1)
    .max(LIMITS.challenge_chains_max),
});
export type ChallengeAnswer = z.infer<typeof ChallengeAnswer>;

function isWhole({ byteLength }: Uint8Array): boolean {
  const segments = byteLength / CHECKPOINT_BYTES;
  return Number.isInteger(segments) && segments >= 1 && segments <= LIMITS.challenge_segments_max;
}

/** What the edge has measured of a machine, by its own clock. */
export const MeasuredSpeed = z
  .strictObject({
    /** When the answer came, in Unix ms. */
    at_ms: z.int(),
    /** Whether the answer was right and in time; if not, the machine is taken for one core. */
    passed: z.boolean(),
    /** Chains that were asked for. */
    chains: z.int().min(1),
    /** All chains together, from handing the challenge out to its answer. */
    iterations_per_s: z.number().min(0),
    /** Reference cores that this comes to, at most as many as chains. */
    cores: z.int().min(1),
  })
  .meta({ id: "MeasuredSpeed" });
export type MeasuredSpeed = z.infer<typeof MeasuredSpeed>;
