import { setTimeout as sleep } from "node:timers/promises";
import { declineInvitation } from "@infernet/protocol/peers/decide-invitation";
import type { NetworkId } from "@infernet/schemas/commitment";
import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { type Invitation, readInvitation } from "@infernet/schemas/peer/invitation";
import { LeaseInvite, type LeaseInviteAnswer } from "@infernet/schemas/peer/lease-frame";
import type { PeerDeps } from "../join/peer-deps.ts";
import type { PeerService } from "../join/serve-peers.ts";
import type { PeerNode } from "../node/peer-node.ts";
import { PROTOCOLS } from "../protocols.ts";
import type { PeerRef } from "../read-peer-ref.ts";
import { openMessages } from "../stream/message-stream.ts";
import { forgetAggregators } from "./aggregator-folders.ts";
import type { AggregatorSettings } from "./aggregator-settings.ts";
import { readAllowed } from "./allowed-aggregators.ts";
import { openLeaseLink } from "./lease-link.ts";
import { type PeerWork, startPeerWork } from "./peer-work.ts";

const NETWORKS_TOLD = 256;
const INVALID = "the invitation is not signed by its network, or not for this runner, or does not hold now";

/**
 * Works for peers' aggregators that this machine's owner allows: those that invite it, and those that the owner has named, which it asks
 * by itself. What goes wrong with one of them ends the work for that one alone.
 */
export async function serveInvitations(
  node: PeerNode,
  deps: PeerDeps,
  settings: AggregatorSettings,
): Promise<PeerService> {
  const { allowed, known } = readAllowed(settings.allowed);
  await forgetAggregators(deps.home, Date.now());
  const policy = { allowed, at_most: settings.at_most, asking_micro_per_core_hour: deps.asking };
  const serving = new Map<NetworkId, PeerWork>();
  /** Chosen, and about to be served. */
  const starting = new Set<NetworkId>();
  const ended = new Set<NetworkId>();
  /** Declined, and the owner knows. */
  const told = new Set<NetworkId>();
  const stopping = new AbortController();
  const { signal } = stopping;
  let isLeaving = false;

  async function consider(bytes: Uint8Array, peer: RunnerId): Promise<LeaseInviteAnswer> {
    const invitation = await readInvitation(bytes, { runner: node.id, peer, now_ms: Date.now() });
    if (invitation === null) return { accepted: false, detail: INVALID };
    const { network, name } = invitation;
    const situation = { serving: new Set([...serving.keys(), ...starting]), ended, isLeaving };
    const detail = declineInvitation(invitation, policy, situation);
    if (detail !== null) {
      if (!told.has(network) && told.size < NETWORKS_TOLD)
        deps.log({ event: "aggregator.declined", aggregator: network, name, peer, detail });
      told.add(network);
      return { accepted: false, detail };
    }
    await take(invitation);
    return { accepted: true, detail: "" };
  }

  async function take(invitation: Invitation): Promise<void> {
    const { network, peer, issued_ms } = invitation;
    const current = serving.get(network);
    if (starting.has(network) || (current !== undefined && issued_ms < current.invitation.issued_ms)) return;
    if (current?.invitation.peer === peer) {
      current.invitation = invitation;
      if (current.isAway) current.recover();
      return;
    }
    starting.add(network);
    try {
      current?.move();
      await current?.ended;
      await begin(invitation);
    } finally {
      starting.delete(network);
    }
  }

  async function begin(invitation: Invitation): Promise<void> {
    const { network, name, peer, terms } = invitation;
    deps.log({ event: "aggregator.joined", aggregator: network, name, peer, terms });
    const work = await startPeerWork(node, deps, invitation);
    serving.set(network, work);
    void work.ended.then(({ how, detail }) => {
      serving.delete(network);
      if (how === "refused") ended.add(network);
      // A runner that ends has said so.
      if (how !== "drained") deps.log({ event: "aggregator.left", aggregator: network, name, detail });
    });
  }

  await node.serve(PROTOCOLS.lease, async (stream, from) => {
    const messages = openMessages(stream, { bytes_max: LIMITS.lease_piece_bytes_max, signal });
    const { invitation } = await messages.receive(LeaseInvite);
    await messages.send(await consider(invitation, from));
    await messages.close();
  });
  const asking = known.map((one) => askOften(one));

  /** An aggregator that the owner has named may not know of this machine. */
  async function askOften({ peer, addresses }: PeerRef): Promise<void> {
    const link = openLeaseLink({ node, peer, addresses: () => addresses });
    for (let tries = 0; !signal.aborted && !isLeaving; ) {
      const isServed = [...serving.values()].some(({ invitation }) => invitation.peer === peer);
      const bytes = isServed ? null : await link.ask(signal).catch(() => null);
      if (bytes !== null) await consider(bytes, peer).catch(() => undefined);
      tries = bytes === null && !isServed ? tries + 1 : 0;
      const pause_ms = Math.min(
        LIMITS.aggregator_ask_ms_max,
        LIMITS.aggregator_ask_ms_min * 2 ** Math.min(tries, 16),
      );
      await sleep(pause_ms, undefined, { signal, ref: false }).catch(() => undefined);
    }
    link.close();
  }

  return {
    drain: () => {
      isLeaving = true;
    },
    stop: async () => {
      isLeaving = true;
      stopping.abort(new Error("the runner has stopped"));
      await Promise.all([...asking, ...[...serving.values()].map(({ ended: over }) => over)]);
    },
  };
}
