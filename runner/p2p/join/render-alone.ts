import type { PeerAddress } from "@infernet/schemas/peer/peer-record";

/** Addresses that a person is shown. */
const SHOWN = 3;

/** That nobody answers of those to begin with, for the owner of a machine, without its full stop. */
export function renderAlone(tried: readonly { address: PeerAddress; reason: string }[]): string {
  const shown = tried.slice(0, SHOWN).map(({ address, reason }) => `${address} (${reason.split("\n")[0]})`);
  const more = tried.length - shown.length;
  const whom =
    tried.length === 1
      ? "the one peer to begin with does not answer"
      : `none of the ${tried.length} peers to begin with answers`;
  return `${whom}: ${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** The way out of it. */
export const ALONE_FIX =
  "Set peers.bootstrap to a peer that is up, as `infernet-runner peer` prints it, or have the edge's operator mend PEERS.";
