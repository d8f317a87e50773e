import { NetworkId } from "@infernet/schemas/commitment";
import { RunnerId } from "@infernet/schemas/ids";
import { BootstrapAddress } from "@infernet/schemas/peer/bootstrap";
import { PeerIdText } from "@infernet/schemas/peer/peer-id-text";
import { z } from "zod";

/** Whom the owner of a machine lets it work for: `any`, a network, or the peer that serves one, with or without an address. */
export const AggregatorRef = z.union([z.literal("any"), NetworkId, RunnerId, PeerIdText, BootstrapAddress], {
  error: "must be `any`, a network (net_...), a peer (run_... or 12D3KooW...) or its address",
});
export type AggregatorRef = z.infer<typeof AggregatorRef>;

export interface AggregatorSettings {
  /** None: it works for no peer's aggregator. */
  allowed: readonly AggregatorRef[];
  at_most: number;
}

/** Those with an address: peers to begin with, too. */
export const addressesOf = ({ allowed }: AggregatorSettings): string[] =>
  allowed.filter((ref) => BootstrapAddress.safeParse(ref).success);
