import type { Challenge } from "@infernet/schemas/challenge";
import { LIMITS } from "@infernet/schemas/limits";
import type { Invitation } from "@infernet/schemas/peer/invitation";
import { answerChallenges } from "../../hardware/challenge/challenge-rounds.ts";
import { workChallenge } from "../../hardware/challenge/work-challenge.ts";
import type { EdgeClient } from "../../transport/edge-client.ts";
import { EdgeRefusal } from "../../transport/edge-error.ts";
import { createHttpEdgeClient } from "../../transport/http-edge-client.ts";
import { paceUploads } from "../../transport/pace-uploads.ts";
import { openWork } from "../../work/open-work.ts";
import type { Log } from "../../work/runner-event.ts";
import { SignedLeases } from "../../work/signed-leases.ts";
import type { PeerDeps } from "../join/peer-deps.ts";
import type { PeerNode } from "../node/peer-node.ts";
import { openAggregatorFolder } from "./aggregator-folders.ts";
import { openLeaseLink } from "./lease-link.ts";

/**
 * How the work for an aggregator came to its end. `drained`: the runner ended it. `away`: the aggregator was not there for too long.
 * `refused`: it does not take this runner. `moved`: its network speaks from another peer.
 */
export interface PeerWorkEnd {
  how: "drained" | "away" | "refused" | "moved" | "failed";
  /** For the owner. */
  detail: string;
}

/** The work for one peer's aggregator. */
export interface PeerWork {
  /** The newest: it says where the aggregator is. */
  invitation: Invitation;
  readonly isAway: boolean;
  readonly ended: Promise<PeerWorkEnd>;
  /** To be called when the aggregator has shown itself: what is waited for may come now. */
  recover(): void;
  /** Ends it at once: its network speaks from another peer. */
  move(): void;
}

/**
 * Works for a peer's aggregator as for an edge, from its registration to its end: the runner drains, the aggregator refuses it, or
 * it is away for `aggregator_away_ms_max`.
 */
export async function startPeerWork(
  node: PeerNode,
  deps: Pick<PeerDeps, "identity" | "home" | "cache" | "machine" | "sharing" | "log">,
  first: Invitation,
): Promise<PeerWork> {
  const { network, peer } = first;
  const { machine, identity } = deps;
  const signed = new SignedLeases(await openAggregatorFolder(deps.home, network));
  const stopping = new AbortController();
  const { signal } = stopping;
  const log: Log = (event) => deps.log({ ...event, aggregator: network });
  let invitation = first;
  let isAway = false;
  let killed: PeerWorkEnd | null = null;
  let away: NodeJS.Timeout | undefined;

  const link = openLeaseLink({ node, peer, addresses: () => invitation.addresses });
  const over = createHttpEdgeClient({
    ...{ edge: `peer://${network}`, identity, network, fetch: link.fetch },
    onUnreachable: (detail) => {
      isAway = true;
      log({ event: "edge.unreachable", detail });
      away = setTimeout(() => end("away", AWAY), LIMITS.aggregator_away_ms_max).unref();
    },
    onBack: () => {
      isAway = false;
      clearTimeout(away);
      log({ event: "edge.back" });
    },
  });
  const client = deps.sharing.pace === null ? over : paceUploads(over, deps.sharing.pace);
  const cores = (): number => machine.loops.registration.capability.cpu_cores;
  let measuring: Promise<void> | null = null;
  const work = openWork(machine, {
    ...{ name: network, client, signed, log, signal },
    cache: deps.cache.from((sha256, until, start) => client.getBlob(sha256, until, start)),
    onRegistered: () => {
      measuring ??= answerChallenges({ client: rarely(client, cores), work: workChallenge, log, signal });
    },
  });

  function end(how: PeerWorkEnd["how"], detail: string): void {
    killed = { how, detail };
    work.loop.kill();
  }

  const run = async (): Promise<PeerWorkEnd> => {
    try {
      await machine.loops.run(work.loop);
      return killed ?? { how: "drained", detail: "the runner takes no more work" };
    } catch (error) {
      if (error instanceof EdgeRefusal) return { how: "refused", detail: error.message };
      return { how: "failed", detail: error instanceof Error ? error.message : String(error) };
    } finally {
      clearTimeout(away);
      stopping.abort(new Error("the work for the aggregator is over"));
      await measuring;
      work.leave();
      link.close();
    }
  };

  return {
    get invitation() {
      return invitation;
    },
    set invitation(newest) {
      invitation = newest;
    },
    get isAway() {
      return isAway;
    },
    ended: run(),
    recover: () => work.loop.recover(),
    move: () => end("moved", "its network speaks from another peer now"),
  };
}

const AWAY = `it was away for ${LIMITS.aggregator_away_ms_max / 60_000} minutes`;

/**
 * A challenge costs the machine a moment of all its cores: a peer's aggregator has one an hour at most, and none that is larger than
 * those of an edge.
 */
function rarely(client: EdgeClient, cores: () => number): Pick<EdgeClient, "challenge" | "answerChallenge"> {
  let next_ms = Number.NEGATIVE_INFINITY;
  return {
    answerChallenge: client.answerChallenge,
    challenge: async (signal) => {
      const wait_ms = next_ms - performance.now();
      if (wait_ms > 0) return { challenge: null, next_ms: wait_ms };
      const { challenge, next_ms: told_ms } = await client.challenge(signal);
      if (challenge !== null) next_ms = performance.now() + LIMITS.challenge_retry_ms;
      const isUsual = challenge !== null && isUsualChallenge(challenge, cores());
      return { challenge: isUsual ? challenge : null, next_ms: Math.max(told_ms, LIMITS.challenge_retry_ms) };
    },
  };
}

const isUsualChallenge = ({ chains, segments, iterations }: Challenge, cores: number): boolean =>
  chains <= cores && segments <= LIMITS.challenge_segments && iterations <= LIMITS.challenge_iterations;
