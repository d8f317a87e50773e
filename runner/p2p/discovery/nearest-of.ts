import { createHash } from "node:crypto";
import type { RunnerId } from "@infernet/schemas/ids";
import { peerIdOf } from "../peer-id.ts";

/**
 * Those of some peers that are nearest to a key of the DHT, the nearest first: by the exclusive or of the sha256 of the key and of the
 * peer's multihash (Kademlia's distance; libp2p specs, kad-dht).
 */
export function nearestOf(key: Uint8Array, peers: readonly RunnerId[], count: number): RunnerId[] {
  const target = sha256(key);
  return peers
    .map((runner) => ({ runner, distance: xor(target, sha256(peerIdOf(runner).toMultihash().bytes)) }))
    .sort((a, b) => Buffer.compare(a.distance, b.distance))
    .slice(0, count)
    .map(({ runner }) => runner);
}

const sha256 = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

const xor = (a: Buffer, b: Buffer): Buffer => Buffer.from(a.map((byte, i) => byte ^ (b[i] ?? 0)));
