import type { Bytes } from "@infernet/schemas/digest";
import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { LeaseMessage } from "@infernet/schemas/peer/lease-frame";
import type { Stream } from "@libp2p/interface";
import { Semaphore } from "../../semaphore.ts";
import type { PeerNode } from "../node/peer-node.ts";
import { PROTOCOLS } from "../protocols.ts";
import { openMessages } from "../stream/message-stream.ts";
import { PeerFault } from "../stream/peer-fault.ts";
import { answerRequest, type HandleRequest } from "./answer-request.ts";

export interface LeaseHostOptions {
  handle: HandleRequest;
  /** A fresh invitation for a runner that asks for one; null where it gets none. */
  invite(runner: RunnerId): Promise<Bytes | null>;
  /** Runners that are answered at one time. */
  runners_max: number;
}

/** Those that are answered now. */
export interface ServedRunners {
  has(runner: RunnerId): boolean;
  count(): number;
}

interface Guest {
  streams: number;
  bodies: Semaphore;
}

/**
 * The aggregator's side of `/infernet/lease/1`: the API that runners have at an edge, for peers that sign for themselves. Each has
 * `lease_streams_max` streams and `runners_max` peers are answered at once; others are refused until one has gone.
 */
export async function serveLeases(
  node: PeerNode,
  { handle, invite, runners_max }: LeaseHostOptions,
): Promise<ServedRunners> {
  const guests = new Map<RunnerId, Guest>();
  const bodies = new Semaphore(LIMITS.lease_bodies_at_once_max);

  function welcome(from: RunnerId): Guest {
    const known = guests.get(from);
    if (known === undefined && guests.size >= runners_max)
      throw new PeerFault("refused", `${runners_max} runners are here already`);
    const guest = known ?? { streams: 0, bodies: new Semaphore(LIMITS.lease_bodies_per_peer_max) };
    if (guest.streams >= LIMITS.lease_streams_max)
      throw new PeerFault("refused", `a runner has at most ${LIMITS.lease_streams_max} streams`);
    guest.streams += 1;
    guests.set(from, guest);
    return guest;
  }

  function leave(from: RunnerId, guest: Guest): void {
    guest.streams -= 1;
    if (guest.streams === 0) guests.delete(from);
  }

  async function enter(guest: Guest, signal: AbortSignal): Promise<() => void> {
    const own = await guest.bodies.acquire(signal);
    const all = await bodies.acquire(signal).catch((error: unknown) => {
      own();
      throw error;
    });
    return () => {
      all();
      own();
    };
  }

  async function serve(stream: Stream, from: RunnerId): Promise<void> {
    const guest = welcome(from);
    const ending = new AbortController();
    stream.addEventListener("close", () => ending.abort(new PeerFault("gone", "the peer has gone")));
    const { signal } = ending;
    const messages = openMessages(stream, { bytes_max: LIMITS.lease_piece_bytes_max, signal });
    try {
      for (;;) {
        const message = await messages.receive(LeaseMessage, LIMITS.lease_stream_idle_ms_max * 2);
        if (message.kind === "ask") await messages.send({ invitation: await invite(from) });
        else
          await answerRequest(messages, from, message, {
            ...{ handle, signal },
            enter: (until) =>
              enter(guest, AbortSignal.any([until, AbortSignal.timeout(LIMITS.lease_body_ms_max)])),
          });
      }
    } finally {
      ending.abort();
      leave(from, guest);
    }
  }

  await node.serve(PROTOCOLS.lease, serve);
  return { has: (runner) => guests.has(runner), count: () => guests.size };
}
