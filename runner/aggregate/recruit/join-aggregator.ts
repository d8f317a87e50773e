import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { type InvitationTerms, signInvitation } from "@infernet/schemas/peer/invitation";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";
import type { Identity } from "../../identity/identity.ts";
import { openDiscovery } from "../../p2p/discovery/open-discovery.ts";
import { serveLeases } from "../../p2p/leases/serve-leases.ts";
import { createPeerNode } from "../../p2p/node/create-peer-node.ts";
import { surviveLibraryFaults } from "../../p2p/node/library-faults.ts";
import { runnerIdOf } from "../../p2p/peer-id.ts";
import { PROTOCOLS } from "../../p2p/protocols.ts";
import type { NetworkSigner } from "../network-signer.ts";
import { readNamed } from "./read-named.ts";
import { recruitRunners } from "./recruit-runners.ts";

export interface JoinAggregatorOptions {
  identity: Identity;
  listen: readonly string[];
  bootstrap: readonly PeerAddress[];
  /** Runners to invite besides those that are found: ids, or addresses that end in one. */
  providers: readonly string[];
  network: NetworkSigner;
  /** What people call it. */
  name: string;
  terms: InvitationTerms;
  handle(request: Request): Promise<Response>;
  onInvited(invited: { runner: RunnerId; accepted: boolean; detail: string }): void;
  onFault(detail: string): void;
}

export interface JoinedAggregator {
  readonly id: RunnerId;
  readonly addresses: PeerAddress[];
  stop(): Promise<void>;
}

/**
 * Has an aggregator take part in the network of peers: it serves runners there, and invites those that it finds. It loads libp2p. Rejects
 * when an address cannot be listened on.
 */
export async function joinAggregator(options: JoinAggregatorOptions): Promise<JoinedAggregator> {
  const { identity, listen, bootstrap, network, name, terms, handle } = options;
  const runners_max = LIMITS.aggregate_runners_max;
  const stopping = new AbortController();
  const giveUpSurviving = surviveLibraryFaults((error) => options.onFault(error.message));
  const node = await createPeerNode({ identity, listen, bootstrap, isServer: listen.length > 0 }).catch(
    (error: unknown) => {
      giveUpSurviving();
      throw error;
    },
  );
  const invite = (runner: RunnerId) => {
    const issued_ms = Date.now();
    const addresses = node.addresses.slice(0, LIMITS.peer_addresses_max);
    return signInvitation(
      {
        type: "infernet.invitation.v1",
        ...{ network: network.id, peer: node.id, runner, name, terms, addresses, issued_ms },
        expires_ms: issued_ms + LIMITS.invitation_ms_max,
      },
      async (bytes) => network.sign(bytes),
    );
  };
  const served = await serveLeases(node, { handle, invite, runners_max });
  const discovery = await openDiscovery(node);
  const recruiting = recruitRunners({
    ...{ node, served, runners_max, invite, signal: stopping.signal, onInvited: options.onInvited },
    named: readNamed(options.providers),
    onConnected: (seen) =>
      node.libp2p.addEventListener("peer:update", ({ detail: { peer } }) => {
        const runner = runnerIdOf(peer.id);
        if (runner !== null && peer.protocols.includes(PROTOCOLS.lease)) seen(runner);
      }),
    find: async function* (signal) {
      if (!(await node.joined(signal))) return;
      for await (const { record } of discovery.find({ service: "lease" }, { signal }))
        yield { runner: record.runner, addresses: record.addresses };
    },
  });
  return {
    id: node.id,
    get addresses() {
      return node.addresses;
    },
    stop: async () => {
      stopping.abort(new Error("the aggregator has stopped"));
      await recruiting;
      await node.stop().finally(giveUpSurviving);
    },
  };
}
