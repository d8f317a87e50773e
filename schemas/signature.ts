import type { NetworkId } from "./commitment.ts";

/**
 * How runners sign requests: HTTP Message Signatures (RFC 9421) with Ed25519 over the method, the path with its query
 * and, through Content-Digest (RFC 9530), the body. `keyid` is the runner's id, which spells its public key, so
 * verifying needs no look-up. Every runner route is idempotent, which is why a signature's age is its only replay bound.
 */
export const SIGNATURE = {
  label: "sig1",
  tag: "infernet-runner",
  components_with_body: ["@method", "@path", "@query", "content-digest"],
  components_without_body: ["@method", "@path", "@query"],
} as const;

/**
 * The tag of a request that is for one network alone. A runner that works for several has each of its requests to peers' aggregators
 * say which one it is for, so that none of them can hand it on to another in the runner's name.
 */
export const signatureTagFor = (network: NetworkId): string => `${SIGNATURE.tag}/${network}`;
