/** Protocols of the network, as peers negotiate them. */
export const PROTOCOLS = {
  /** Kademlia, apart from every other network's. */
  kad: "/infernet/kad/1.0.0",
  /** Records of peers, handed on: `discovery/`. */
  records: "/infernet/records/1",
  /** Blobs by their sha256, in chunks: `blobs/`. */
  blob: "/infernet/blob/1",
  /** Small jobs between a client and a provider: `jobs/`. */
  job: "/infernet/job/1",
  /** An aggregator asks a runner to work for it, and the runner's side of the aggregator's API: `leases/`. */
  lease: "/infernet/lease/1",
  /** Whether others reach a node at its public address: `node/dial-back.ts`. */
  reach: "/infernet/reach/1",
} as const;
