import { parseBootstrapList } from "@infernet/schemas/peer/bootstrap";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";

/** The addresses of `PEERS`; what is wrong with the rest of it is left to `bootstrapFaults`. */
export const bootstrapPeers = ({ PEERS = "" }: Pick<Env, "PEERS">): PeerAddress[] =>
  parseBootstrapList(PEERS).addresses;

/** What in `PEERS` cannot be used, one sentence each. */
export const bootstrapFaults = ({ PEERS = "" }: Pick<Env, "PEERS">): string[] =>
  parseBootstrapList(PEERS).faults.map((fault) => `PEERS: ${fault}.`);
