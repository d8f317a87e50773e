import type { PeerAddress } from "@infernet/schemas/peer/peer-record";
import { createIdentity } from "infernet-runner/identity/identity";
import { type Discovery, openDiscovery } from "infernet-runner/p2p/discovery/open-discovery";
import { createPeerNode } from "infernet-runner/p2p/node/create-peer-node";

const JOIN_MS_MAX = 60_000;

/** Somebody who looks for machines and is none, when its first look-up of its own neighbours is over. */
export interface Asker extends Pick<Discovery, "find"> {
  /** From its start until then. */
  joined_ms: number;
  close(): Promise<void>;
}

export async function openAsker(bootstrap: readonly PeerAddress[]): Promise<Asker> {
  const started = performance.now();
  const node = await createPeerNode({ identity: createIdentity(), listen: [], bootstrap });
  if (!(await node.joined(AbortSignal.timeout(JOIN_MS_MAX))))
    throw new Error(`no peer answered within ${JOIN_MS_MAX} ms`);
  const joined_ms = performance.now() - started;
  const { find } = await openDiscovery(node);
  return { find, joined_ms, close: () => node.stop() };
}
