import { RunnerId } from "@infernet/schemas/ids";
import { PeerAddress } from "@infernet/schemas/peer/peer-record";
import { peerIdFromString } from "@libp2p/peer-id";
import type { DirectTarget } from "../p2p/jobs/run-direct.ts";
import { runnerIdOf } from "../p2p/peer-id.ts";

/** A provider as people name it: a runner's id, or an address that ends in `/p2p/<PeerId>`. Null when it is neither. */
export function parseTarget(text: string): DirectTarget | null {
  const runner = RunnerId.safeParse(text);
  if (runner.success) return { provider: runner.data, addresses: [] };
  const address = PeerAddress.safeParse(text);
  const [, peer] = text.match(/\/p2p\/([A-Za-z0-9]+)$/) ?? [];
  if (!address.success || peer === undefined) return null;
  try {
    const provider = runnerIdOf(peerIdFromString(peer));
    return provider === null ? null : { provider, addresses: [address.data] };
  } catch {
    return null;
  }
}
