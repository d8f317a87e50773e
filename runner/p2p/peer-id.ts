import { formatRunnerId, publicKeyOf, type RunnerId } from "@infernet/schemas/ids";
import { publicKeyFromRaw } from "@libp2p/crypto/keys";
import type { PeerId, PrivateKey } from "@libp2p/interface";
import { peerIdFromPublicKey } from "@libp2p/peer-id";
import type { Identity } from "../identity/identity.ts";

/**
 * A runner's id and its PeerId spell the same Ed25519 public key (libp2p specs, peer-ids: an identity multihash of the
 * key's protobuf), so that either says who is meant.
 */
export function peerIdOf(runner: RunnerId): PeerId {
  return peerIdFromPublicKey(publicKeyFromRaw(publicKeyOf(runner)));
}

/** Null for a peer whose key is not Ed25519: no runner has such a one. */
export function runnerIdOf(peer: PeerId): RunnerId | null {
  return peer.type === "Ed25519" ? formatRunnerId(peer.publicKey.raw) : null;
}

/** The identity as libp2p takes it: it signs, and its secret stays where it is. */
export function privateKeyOf({ id, sign }: Identity): PrivateKey {
  const publicKey = publicKeyFromRaw(publicKeyOf(id));
  if (publicKey.type !== "Ed25519") throw new Error("a runner's key is an Ed25519 key");
  return {
    type: "Ed25519",
    publicKey,
    get raw(): Uint8Array {
      throw new Error("a runner's private key cannot be read out");
    },
    sign: (data) => sign(data instanceof Uint8Array ? data : data.subarray()),
    equals: (other) => other?.publicKey.equals(publicKey) ?? false,
  };
}
