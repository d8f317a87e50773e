import type { Challenge } from "@infernet/schemas/challenge";
import type { Sha256 } from "@infernet/schemas/digest";
import { LIMITS } from "@infernet/schemas/limits";

/**
 * A challenge for a machine that claims so many cores: a chain for each, long enough that the way to the edge and back
 * does not count for much.
 * @param seed fresh random bytes
 */
export const makeChallenge = (seed: Sha256, claimedCores: number): Challenge => ({
  seed,
  chains: Math.min(claimedCores, LIMITS.challenge_chains_max),
  segments: LIMITS.challenge_segments,
  iterations: LIMITS.challenge_iterations,
});
