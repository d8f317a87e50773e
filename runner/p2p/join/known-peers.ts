import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { LIMITS } from "@infernet/schemas/limits";
import { BootstrapAddress } from "@infernet/schemas/peer/bootstrap";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";
import { z } from "zod";
import type { ConnectedPeer } from "../../control/peers-report.ts";
import { writeJson } from "../../write-json.ts";

/** `peers.json`: peers that this machine could go to last, in the network of which edge; null where it has none. */
const KnownPeers = z.strictObject({
  edge: z.string().nullable(),
  peers: z.array(BootstrapAddress).max(LIMITS.bootstrap_peers_max),
});

const pathIn = (home: string): string => join(home, "peers.json");

/** Peers that were there when the runner ran last, for when nobody else names any; those of another edge's network are left out. */
export async function readKnownPeers(home: string, edge: string | null): Promise<PeerAddress[]> {
  try {
    const known = KnownPeers.parse(JSON.parse(await readFile(pathIn(home), "utf8")));
    return known.edge === edge ? known.peers : [];
  } catch {
    return [];
  }
}

/** Of these connections those that it has gone to by itself can be gone to again. Where there is none, what was known stays. */
export async function rememberPeers(
  home: string,
  edge: string | null,
  connected: readonly Pick<ConnectedPeer, "address" | "direction">[],
): Promise<void> {
  const peers = connected
    .filter(
      ({ address, direction }) => direction === "outbound" && BootstrapAddress.safeParse(address).success,
    )
    .map(({ address }) => address)
    .slice(0, LIMITS.bootstrap_peers_max);
  // It only saves having to be told again; where it cannot be written, nothing is lost.
  if (peers.length > 0) await writeJson(pathIn(home), { edge, peers }).catch(() => undefined);
}
