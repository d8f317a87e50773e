import type { Sha256 } from "@infernet/schemas/digest";
import { parseHash } from "@infernet/schemas/hash";
import { publicKeyOf, type RunnerId } from "@infernet/schemas/ids";

/** Another peer that fetches the same blob. */
export interface FellowFetcher {
  runner: RunnerId;
  /** Whether it says that it takes it from the edge. */
  draws: boolean;
  /** Whether its turn came and nothing new did. */
  isSilent: boolean;
}

export type EdgeTurn = { draws: true } | { draws: false; waits_for: RunnerId };

/**
 * Who of those that fetch a blob at once takes it from the edge: whoever does so already, else the one whose key is nearest to the
 * blob's digest (XOR, as in Kademlia). Each asks the others before it decides, and says that it fetches before it asks: so of two
 * that know of each other at most one draws. For either the other's question came before it decided, and then the nearer one
 * draws; or after, and then the answer says that it draws.
 */
export function decideEdgeTurn(self: RunnerId, blob: Sha256, fellows: readonly FellowFetcher[]): EdgeTurn {
  const heard = fellows.filter(({ isSilent }) => !isSilent);
  const drawing = heard.find(({ draws }) => draws);
  if (drawing) return { draws: false, waits_for: drawing.runner };
  const target = parseHash(blob);
  const nearer = heard.filter(({ runner }) => isNearer(runner, self, target));
  const [nearest] = nearer.sort((a, b) => (isNearer(a.runner, b.runner, target) ? -1 : 1));
  return nearest === undefined ? { draws: true } : { draws: false, waits_for: nearest.runner };
}

/** Whether one that draws stops, because a nearer one does so too: they had not known of each other. */
export function yieldsEdgeTurn(self: RunnerId, blob: Sha256, fellows: readonly FellowFetcher[]): boolean {
  const target = parseHash(blob);
  return fellows.some(({ runner, draws, isSilent }) => draws && !isSilent && isNearer(runner, self, target));
}

function isNearer(a: RunnerId, b: RunnerId, target: Uint8Array): boolean {
  const [key_a, key_b] = [publicKeyOf(a), publicKeyOf(b)];
  for (const [i, byte] of target.entries()) {
    const difference = (byte ^ (key_a[i] ?? 0)) - (byte ^ (key_b[i] ?? 0));
    if (difference !== 0) return difference < 0;
  }
  return false;
}
