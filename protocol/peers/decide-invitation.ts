import type { NetworkId } from "@infernet/schemas/commitment";
import type { RunnerId } from "@infernet/schemas/ids";
import { type MicroAmount, parseMicro } from "@infernet/schemas/money";
import type { Invitation } from "@infernet/schemas/peer/invitation";

/** Whom the owner of a machine lets it work for, besides its edge. */
export interface AggregatorPolicy {
  /** Networks, or the peers that serve them; `any`: whoever invites it. */
  allowed: "any" | ReadonlySet<NetworkId | RunnerId>;
  at_most: number;
  /** The least that an hour of one core must pay; null where nothing is asked. */
  asking_micro_per_core_hour: MicroAmount | null;
}

export interface AggregatorSituation {
  serving: ReadonlySet<NetworkId>;
  /** Those that have banned or refused this runner since it started. */
  ended: ReadonlySet<NetworkId>;
  /** Whether it takes no more work. */
  isLeaving: boolean;
}

/** Why an invitation is declined, in a sentence for the operator of the aggregator; null when it is taken. */
export function declineInvitation(
  { network, peer, terms }: Pick<Invitation, "network" | "peer" | "terms">,
  { allowed, at_most, asking_micro_per_core_hour: asking }: AggregatorPolicy,
  { serving, ended, isLeaving }: AggregatorSituation,
): string | null {
  if (allowed !== "any" && !allowed.has(network) && !allowed.has(peer))
    return "this runner's owner has not listed your network: peers.aggregators";
  if (isLeaving) return "this runner is stopping";
  if (ended.has(network))
    return "your network has refused this runner before; it asks again when it is started anew";
  if (asking !== null && parseMicro(asking) > offered(terms))
    return `this runner asks for ${asking} micro-units for an hour of a core: price.asking`;
  if (!serving.has(network) && serving.size >= at_most)
    return `this runner works for ${at_most} peers' aggregators already: peers.aggregators_max`;
  return null;
}

const offered = (terms: Invitation["terms"]): bigint =>
  terms.pay === "free" ? 0n : parseMicro(terms.micro_per_core_hour);
