import type { AggregatorPolicy } from "@infernet/protocol/peers/decide-invitation";
import { NetworkId } from "@infernet/schemas/commitment";
import { type PeerRef, readPeerRef } from "../read-peer-ref.ts";
import type { AggregatorRef } from "./aggregator-settings.ts";

/** What the owner's list comes to: who may invite this machine, and the peers that it goes to by itself. */
export function readAllowed(refs: readonly AggregatorRef[]): {
  allowed: AggregatorPolicy["allowed"];
  known: PeerRef[];
} {
  const known = refs.flatMap((ref) => readPeerRef(ref) ?? []);
  const networks = refs.flatMap((ref) => NetworkId.safeParse(ref).data ?? []);
  const listed = new Set([...networks, ...known.map(({ peer }) => peer)]);
  return { allowed: refs.includes("any") ? "any" : listed, known };
}
