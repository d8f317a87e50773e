import { LIMITS } from "@infernet/schemas/limits";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";
import { noPeers, type PeersReport, type PeersState } from "../../control/peers-report.ts";
import { EdgeReturn } from "../../transport/edge-return.ts";
import { untilAborted } from "../../until-aborted.ts";
import { addressesOf } from "../leases/aggregator-settings.ts";
import type { PeersHandle } from "./join-peers.ts";
import { readKnownPeers } from "./known-peers.ts";
import type { PeerDeps } from "./peer-deps.ts";
import { begins, type PeerSettings } from "./peer-settings.ts";

export interface KeptPeers {
  read(): PeersReport;
  /** Joins as soon as there is somebody to begin with, for as long as the runner lives. */
  start(): void;
  /** To be called when the edge has taken the runner in: it is asked for peers then. */
  edgeAnswers(): void;
  drain(): void;
  stop(): Promise<void>;
}

/**
 * A runner's place in the network of peers. libp2p is loaded only where there is somebody to begin with, and whatever fails here
 * is told and costs nothing but the peers: the runner works for its edge all the same.
 */
export function keepPeers(settings: PeerSettings | null, deps: PeerDeps): KeptPeers {
  const stopping = new AbortController();
  const registered = Promise.withResolvers<void>();
  const { signal } = stopping;
  let handle: PeersHandle | null = null;
  let state: PeersState = settings === null ? "off" : "waiting";
  let failure: string | null = null;
  let isDraining = false;
  let keeping: Promise<void> = Promise.resolve();

  /** Those of the edge; none where it cannot be asked now. */
  const askEdge = async (): Promise<PeerAddress[]> => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMITS.peers_ask_ms_max)]);
    return deps.client.getPeers(limit).catch(() => []);
  };

  const findBootstrap = async ({ bootstrap, aggregators }: PeerSettings): Promise<PeerAddress[]> => {
    const [named, known] = await Promise.all([askEdge(), readKnownPeers(deps.home, deps.edge)]);
    return [...new Set([...bootstrap, ...addressesOf(aggregators), ...named, ...known])];
  };

  /** Resolves when there is somebody to begin with. */
  async function untilWanted(own: PeerSettings): Promise<void> {
    if (begins(own) || (await readKnownPeers(deps.home, deps.edge)).length > 0) return;
    await untilAborted(registered.promise, signal);
    while ((await askEdge()).length === 0) {
      await new EdgeReturn().wait(LIMITS.peers_ask_every_ms, signal);
      signal.throwIfAborted();
    }
  }

  async function keep(own: PeerSettings): Promise<void> {
    try {
      await untilWanted(own);
      state = "opening";
      const { joinPeers } = await import("./join-peers.ts");
      signal.throwIfAborted();
      const joined = await joinPeers({
        settings: own,
        findBootstrap: () => findBootstrap(own),
        deps,
        signal,
      });
      if (signal.aborted) return await joined.stop();
      handle = joined;
      if (isDraining) joined.drain();
    } catch (error) {
      if (signal.aborted) return;
      state = "failed";
      failure = error instanceof Error ? error.message : String(error);
      deps.log({ event: "warning", detail: `it works without peers: ${failure}` });
    }
  }

  return {
    read: () => handle?.read() ?? noPeers(state, failure),
    start: () => {
      if (settings !== null) keeping = keep(settings);
    },
    edgeAnswers: () => registered.resolve(),
    drain: () => {
      isDraining = true;
      handle?.drain();
    },
    stop: async () => {
      stopping.abort(new Error("the runner has stopped"));
      await keeping;
      await handle?.stop().catch(() => undefined);
      handle = null;
    },
  };
}
