/**
 * How others come to this machine. `direct`: by an address of its own. `hole_punched`: at least one peer that first came by a relay has
 * a connection of its own by now (DCUtR). `relayed`: only by way of a relay. `outbound`: not at all; it goes to others. `unknown`:
 * nobody has tried yet.
 */
export type Reachability = "direct" | "hole_punched" | "relayed" | "outbound" | "unknown";

/** What a node knows of the ways to it. */
export interface ReachabilityFacts {
  /** Whether it has a port of its own. */
  listens: boolean;
  /** Whether its owner says by what address it is reached, or others have tried one in public and come through. */
  isConfirmed: boolean;
  /** Whether anybody came in on a connection of their own, from the internet or from the same machine or house. */
  cameFromPublic: boolean;
  cameFromPrivate: boolean;
  /** Whether it has a peer in the internet: who came in from next door says nothing of that then. */
  isInPublic: boolean;
  /** Whether a relay leads others here. */
  hasRelay: boolean;
  /** Peers that came by a relay and have a connection of their own now. */
  punched: number;
}

export function decideReachability(facts: ReachabilityFacts): Reachability {
  const { listens, isConfirmed, cameFromPublic, cameFromPrivate, isInPublic, hasRelay, punched } = facts;
  if (isConfirmed || cameFromPublic || (cameFromPrivate && !isInPublic)) return "direct";
  if (punched > 0) return "hole_punched";
  if (hasRelay) return "relayed";
  return listens ? "unknown" : "outbound";
}

/** For a person, as the end of a sentence that begins with the machine. */
export function renderReachability(reachability: Reachability): string {
  switch (reachability) {
    case "direct":
      return "is reached by others at an address of its own";
    case "hole_punched":
      return "is reached by way of a relay, and then by connections of its own through the router";
    case "relayed":
      return "is reached by way of a relay, which passes everything on";
    case "outbound":
      return "is not reached by others: it goes to them, and they answer";
    case "unknown":
      return "listens, and nobody has come yet: whether others reach it is not known";
    default:
      return reachability satisfies never;
  }
}
