import type { Bytes } from "@infernet/schemas/digest";
import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import {
  type LeaseAnswerHead,
  LeaseAnswerHead as LeaseAnswerHeadSchema,
  LeaseAskAnswer,
  LeaseRequestHead,
} from "@infernet/schemas/peer/lease-frame";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";
import { Semaphore } from "../../semaphore.ts";
import type { EdgeFetch } from "../../transport/edge-fetch.ts";
import { TokenBucket } from "../../transport/token-bucket.ts";
import { untilAborted } from "../../until-aborted.ts";
import type { PeerNode } from "../node/peer-node.ts";
import { PROTOCOLS } from "../protocols.ts";
import { type MessageStream, openMessages } from "../stream/message-stream.ts";
import { receivePieces, receiveWhole, sendPieces } from "./body-pieces.ts";

export interface LeaseLinkOptions {
  node: PeerNode;
  /** The peer that is the aggregator. */
  peer: RunnerId;
  /** Where it may be, besides what the node knows. */
  addresses(): readonly PeerAddress[];
}

/** A runner's way to a peer's aggregator. */
export interface LeaseLink {
  /** Requests to it, as over HTTP: one stream for each that is under way, kept for the next. */
  fetch: EdgeFetch;
  /** An invitation, as it gives them to those who ask; null where it gives none. Rejects with `PeerFault`. */
  ask(signal: AbortSignal): Promise<Bytes | null>;
  close(): void;
}

interface Line {
  messages: MessageStream;
  isFresh: boolean;
  idle: NodeJS.Timeout | undefined;
}

export function openLeaseLink({ node, peer, addresses }: LeaseLinkOptions): LeaseLink {
  const streams = new Semaphore(LIMITS.lease_streams_max);
  const idle: Line[] = [];
  const closing = new AbortController();
  // An aggregator that answers every poll at once keeps a machine no busier than this.
  const pace = new TokenBucket(LIMITS.lease_requests_per_second_max);

  async function open(signal: AbortSignal): Promise<Line> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMITS.peer_dial_ms_max)]);
    const stream = await node.open(peer, PROTOCOLS.lease, { addresses: addresses(), signal: limit });
    const messages = openMessages(stream, {
      bytes_max: LIMITS.lease_piece_bytes_max,
      timeout_ms: LIMITS.peer_message_ms_max,
    });
    return { messages, isFresh: true, idle: undefined };
  }

  function take(): Line | null {
    const line = idle.pop() ?? null;
    clearTimeout(line?.idle);
    return line;
  }

  function keep(line: Line): void {
    if (closing.signal.aborted) return void line.messages.close();
    line.isFresh = false;
    line.idle = setTimeout(() => {
      idle.splice(idle.indexOf(line), 1);
      void line.messages.close();
    }, LIMITS.lease_stream_idle_ms_max).unref();
    idle.push(line);
  }

  /** On a stream that is kept, or else a new one; what was kept for long may have died without a word. */
  async function exchange<T>(talk: (line: Line) => Promise<T>, signal: AbortSignal): Promise<T> {
    for (;;) {
      const line = take() ?? (await open(signal));
      const stop = (): void => line.messages.abort(new Error("the request was given up"));
      signal.addEventListener("abort", stop, { once: true });
      try {
        return await untilAborted(talk(line), signal);
      } catch (error) {
        line.messages.abort(error instanceof Error ? error : new Error(String(error)));
        if (line.isFresh || signal.aborted) throw error;
      } finally {
        signal.removeEventListener("abort", stop);
      }
    }
  }

  const fetch: EdgeFetch = async (url, init) => {
    const signal = AbortSignal.any([init.signal, closing.signal]);
    await pace.take(1, signal);
    const leave = await streams.acquire(signal);
    try {
      const { line, head } = await exchange(
        async (to) => ({ line: to, head: await send(to.messages, url, init) }),
        signal,
      );
      return await readAnswer(line, head, { signal, keep, leave, bytes_max: mostOf(url) });
    } catch (error) {
      leave();
      throw error;
    }
  };

  return {
    fetch,
    ask: (given) => {
      const signal = AbortSignal.any([given, closing.signal]);
      return exchange(async (line) => {
        await line.messages.send({ kind: "ask" });
        const { invitation } = await line.messages.receive(LeaseAskAnswer);
        keep(line);
        return invitation === null ? null : new Uint8Array(invitation);
      }, signal);
    },
    close: () => {
      closing.abort(new Error("the link was closed"));
      for (const line of idle.splice(0)) {
        clearTimeout(line.idle);
        void line.messages.close();
      }
    },
  };
}

async function send(
  messages: MessageStream,
  url: string,
  { method, headers, body }: Parameters<EdgeFetch>[1],
): Promise<LeaseAnswerHead> {
  const { pathname, search } = new URL(url);
  const bytes = body ?? new Uint8Array();
  const head = LeaseRequestHead.parse({
    ...{ kind: "request", method, path: `${pathname}${search}`, headers, body_bytes: bytes.length },
  });
  await messages.send(head);
  await sendPieces(messages, bytes);
  // How long an answer may take is for whoever asked to say.
  return messages.receive(LeaseAnswerHeadSchema, LIMITS.runner_blob_timeout_ms);
}

/** Blobs are written as they come; everything else is held in memory. */
const mostOf = (url: string): number =>
  new URL(url).pathname.startsWith("/blobs/") ? LIMITS.blob_bytes_max : LIMITS.lease_answer_bytes_max;

interface AnswerContext {
  signal: AbortSignal;
  keep(line: Line): void;
  bytes_max: number;
  /** To be called once, when the stream is free again or gone. */
  leave(): void;
}

async function readAnswer(
  line: Line,
  { status, headers, body_bytes }: LeaseAnswerHead,
  { signal, keep, leave, bytes_max }: AnswerContext,
): Promise<Response> {
  const { messages } = line;
  const whole_ms = LIMITS.runner_blob_timeout_ms;
  const done = (): void => {
    keep(line);
    leave();
  };
  if (body_bytes !== null && body_bytes <= LIMITS.lease_piece_bytes_max) {
    const body = await untilAborted(receiveWhole(messages, body_bytes, whole_ms), signal);
    done();
    return new Response(body_bytes === 0 ? null : body, { status, headers });
  }
  const pieces = receivePieces(messages, body_bytes, whole_ms, bytes_max);
  const fail = (error: unknown): void => {
    messages.abort(error instanceof Error ? error : new Error(String(error)));
    leave();
  };
  const body = new ReadableStream<Uint8Array>({
    pull: async (control) => {
      try {
        const { done: isOver, value } = await untilAborted(pieces.next(), signal);
        if (!isOver) return control.enqueue(value);
        done();
        control.close();
      } catch (error) {
        fail(error);
        control.error(error);
      }
    },
    cancel: fail,
  });
  return new Response(body, { status, headers });
}
