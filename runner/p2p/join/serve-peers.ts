import { takeDirectJobs } from "../jobs/take-direct-jobs.ts";
import type { PeerNode } from "../node/peer-node.ts";
import type { PeerDeps } from "./peer-deps.ts";

/** Something that this machine does for peers, or lets them know of it. */
export interface PeerService {
  /** Begins nothing new; what has begun goes on. */
  drain?(): void;
  /** Ends it, and takes back what it has told peers. */
  stop(): Promise<void>;
}

/** Begins everything that a runner does for peers. What cannot begin is the node's failure: the caller closes it. */
export async function servePeers(node: PeerNode, deps: PeerDeps): Promise<PeerService[]> {
  const { direct } = deps;
  return direct === null ? [] : [await takeDirectJobs(node, deps, direct)];
}
