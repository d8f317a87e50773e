import { exchangeBlobs } from "../blobs/exchange-blobs.ts";
import { serveDiscovery } from "../discovery/serve-discovery.ts";
import { takeDirectJobs } from "../jobs/take-direct-jobs.ts";
import { serveInvitations } from "../leases/serve-invitations.ts";
import type { PeerNode } from "../node/peer-node.ts";
import type { PeerDeps } from "./peer-deps.ts";
import type { PeerSettings } from "./peer-settings.ts";

/** Something that this machine does for peers, or lets them know of it. */
export interface PeerService {
  /** Begins nothing new; what has begun goes on. */
  drain?(): void;
  /** Ends it, and takes back what it has told peers. */
  stop(): Promise<void>;
}

/** Begins everything that a runner does for peers. What cannot begin is the node's failure: the caller closes it. */
export async function servePeers(
  node: PeerNode,
  deps: PeerDeps,
  { aggregators, isRelay }: PeerSettings,
): Promise<PeerService[]> {
  const discovery = await serveDiscovery(node, deps);
  const services: PeerService[] = [await exchangeBlobs(node, deps, discovery)];
  if (deps.sharing.isOn) discovery.offer("blob");
  if (isRelay) discovery.offer("relay");
  if (deps.direct !== null) {
    const jobs = await takeDirectJobs(node, deps, deps.direct);
    discovery.offer("job", jobs.announced);
    services.push(jobs);
  }
  if (aggregators.allowed.length > 0) {
    services.push(await serveInvitations(node, deps, aggregators));
    discovery.offer("lease");
  }
  // The last is stopped first: peers hear that this machine goes while it still answers.
  return [...services, discovery];
}
