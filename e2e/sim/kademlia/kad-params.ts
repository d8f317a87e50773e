import { LIMITS } from "@infernet/schemas/limits";

/**
 * What a node of the DHT is set to, and what it does by itself. The rules are those of `@libp2p/kad-dht` 16.4, which differ from
 * Kademlia's (Maymounkov and Mazières, 2002) where `ContactTable` and `lookUp` say so.
 */
export interface KadParams {
  /** Peers of one bucket, of one answer, and nodes that keep what is stored (`kBucketSize`). */
  k: number;
  /** Questions under way on one path (`alpha`). */
  parallel: number;
  /** Paths that no peer is asked on twice (`disjointPaths`; as many as `alpha` where nothing is said). */
  paths: number;
  /** First bits of an id that buckets are told apart by (`prefixLength`): a node knows `2^prefix_bits * k` others at most. */
  prefix_bits: number;
  /**
   * Whether a contact is forgotten once its connection breaks and it does not answer, or a question to it goes without an answer: the
   * library by itself keeps it, see `ContactTable`.
   */
  forgets: boolean;
}

/** As our nodes are set. The library's own prefix is 6 bits. */
export const OUR_PARAMS: KadParams = {
  k: LIMITS.dht_bucket_peers,
  parallel: LIMITS.dht_parallel,
  paths: LIMITS.dht_parallel,
  prefix_bits: 6,
  forgets: false,
};

/** Of the library: `constants.ts`, `routing-table/index.ts`, `AdaptiveTimeout`. */
export const LIBRARY = {
  /** It looks for itself, and for one random key of each prefix length that it refreshes, as often as this. */
  self_query_min: 5,
  refresh_min: 5,
  /** The query for itself ends after as many events; a question that is answered makes three. */
  self_query_events: 20,
  events_per_answer: 3,
  /** A full bucket's contacts are tried again this long after they were added, the oldest three of them. */
  retry_contact_min: 10,
  contacts_retried: 3,
  /** How long a machine that is gone is waited for. */
  timeout_ms: 5_000,
} as const;
