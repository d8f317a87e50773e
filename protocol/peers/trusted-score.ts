import type { NetworkId } from "@infernet/schemas/commitment";
import type { Attestation } from "@infernet/schemas/peer/attestation";

/**
 * A provider's score by the networks that the asker trusts: of several words the lowest counts, and a ban is 0. Null where none of them
 * says anything. A provider chooses which words it shows: one that shows none is unknown, not bad.
 *
 * @param attestations that have been read, and hold
 */
export function trustedScore(
  attestations: readonly Attestation[],
  networks: readonly NetworkId[],
): number | null {
  const scores = attestations
    .filter(({ network }) => networks.includes(network))
    .map(({ banned, score }) => (banned ? 0 : score));
  return scores.length === 0 ? null : Math.min(...scores);
}
