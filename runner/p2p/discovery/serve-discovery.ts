import { LIMITS } from "@infernet/schemas/limits";
import type { PeerRecord } from "@infernet/schemas/peer/peer-record";
import type { Capability } from "@infernet/schemas/runner";
import { listReady } from "../../models/list-ready.ts";
import type { PeerDeps } from "../join/peer-deps.ts";
import type { PeerNode } from "../node/peer-node.ts";
import { EdgeMirror } from "./edge-mirror.ts";
import { keepAttestation } from "./keep-attestation.ts";
import { type Discovery, openDiscovery } from "./open-discovery.ts";
import { type Announcement, publishRecord } from "./record-publisher.ts";
import { openSequence } from "./record-sequence.ts";

/** Finds peers for this runner, and has them find it. */
export interface DiscoveryService extends Discovery {
  /** From now on this machine's record says that it serves this. @param direct what it takes for direct jobs */
  offer(service: PeerRecord["services"][number], direct?: PeerRecord["direct"]): void;
  /** The machine takes nothing new any more. */
  drain(): void;
  /** Has peers show it no more. */
  stop(): Promise<void>;
}

/** Begins to announce this machine. @param deps what it is, and how busy */
export async function serveDiscovery(
  node: PeerNode,
  deps: Pick<PeerDeps, "identity" | "home" | "client" | "registration" | "availability" | "tellEdge">,
): Promise<DiscoveryService> {
  const { identity, home } = deps;
  const now = Date.now;
  const discovery = await openDiscovery(node, now);
  const services = new Set<PeerRecord["services"][number]>();
  let direct: PeerRecord["direct"] = null;
  let capability: Capability | null = null;

  const describe = async (): Promise<Announcement> => {
    const registration = deps.registration();
    // A machine whose only server is down for a moment is still that machine, and is paused.
    if (registration.capability.engines.length > 0) capability = registration.capability;
    if (capability === null) throw new Error("this machine has no engine to announce");
    return {
      version: registration.version,
      availability: deps.availability(),
      capability,
      models: (await listReady(home)).slice(0, LIMITS.peer_record_models_max),
      services: [...services].sort(),
      direct,
      addresses: node.addresses,
      attestations: attestations(),
    };
  };

  const { shelf } = discovery;
  const sequence = await openSequence(home);
  const publisher = publishRecord({
    ...{ node, identity, shelf, sequence, describe, now },
    onPublished: ({ record }) => void mirror.follow(record),
  });
  const mirror = new EdgeMirror({ sign: publisher.sign, tell: deps.tellEdge, now });
  const stopping = new AbortController();
  const { signal } = stopping;
  const attestations = keepAttestation({ client: deps.client, onNew: publisher.changed, signal });
  // How busy it is changes all the time: peers are told of it at this pace, and no sooner.
  const looking = setInterval(publisher.changed, LIMITS.peer_record_check_ms);
  return {
    ...discovery,
    offer: (service, taken = null) => {
      services.add(service);
      if (taken !== null) direct = taken;
      publisher.changed();
    },
    drain: publisher.changed,
    stop: async () => {
      stopping.abort(new Error("the node is closing"));
      clearInterval(looking);
      await publisher.stop();
    },
  };
}
