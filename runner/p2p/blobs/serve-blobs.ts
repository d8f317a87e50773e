import type { Bytes, Sha256 } from "@infernet/schemas/digest";
import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import {
  type BlobAnswer,
  BlobRequest,
  type Have,
  renderChunkBits,
} from "@infernet/schemas/peer/blob-message";
import { encodeChunkList } from "@infernet/schemas/peer/chunk-list";
import { PeerAddress } from "@infernet/schemas/peer/peer-record";
import type { Stream } from "@libp2p/interface";
import { TokenBucket } from "../../transport/token-bucket.ts";
import type { PeerNode } from "../node/peer-node.ts";
import { peerIdOf } from "../peer-id.ts";
import { PROTOCOLS } from "../protocols.ts";
import { type MessageStream, openMessages } from "../stream/message-stream.ts";
import { PeerFault } from "../stream/peer-fault.ts";
import type { FindHeldBlob, HeldBlob } from "./held-blob.ts";
import { Wanters } from "./wanters.ts";

export interface ServeBlobsDeps {
  find: FindHeldBlob;
  /** Resolves when so many bytes may go out: the owner's limit of uploads. */
  pace?(bytes: number, signal: AbortSignal): Promise<void>;
  /** Told of a chunk that has been sent. */
  onSent?(peer: RunnerId, bytes: number): void;
  /** Streams at once, where they cost less than those of a machine that has blobs. */
  streams_max?: number;
  /** How long a peer may take to read a chunk. */
  chunk_ms_max?: number;
}

/**
 * Answers `/infernet/blob/1`. One chunk at a time goes out on a stream, and each peer has few streams: so whoever waits for the
 * owner's limit waits in turn, and nobody holds more than a chunk in memory for each of its streams.
 */
export function serveBlobs(node: PeerNode, deps: ServeBlobsDeps): Promise<void> {
  const streams = new Map<RunnerId, number>();
  const wanters = new Wanters();
  const { streams_max = LIMITS.blob_streams_max } = deps;
  const total = (): number => [...streams.values()].reduce((sum, n) => sum + n, 0);
  return node.serve(PROTOCOLS.blob, async (stream, from) => {
    const own = streams.get(from) ?? 0;
    if (own >= LIMITS.blob_streams_per_peer_max || total() >= streams_max)
      throw new PeerFault("refused", `${own} streams of this peer are open, ${total()} of all`);
    streams.set(from, own + 1);
    try {
      await answerStream(stream, from, { deps, node, wanters });
    } finally {
      const left = (streams.get(from) ?? 1) - 1;
      if (left === 0) streams.delete(from);
      else streams.set(from, left);
    }
  });
}

interface Server {
  deps: ServeBlobsDeps;
  node: PeerNode;
  wanters: Wanters;
}

async function answerStream(stream: Stream, from: RunnerId, server: Server): Promise<void> {
  const ended = new AbortController();
  stream.addEventListener("close", () => ended.abort(), { once: true });
  const messages = openMessages(stream, {
    bytes_max: LIMITS.blob_request_bytes_max,
    timeout_ms: server.deps.chunk_ms_max ?? LIMITS.blob_chunk_ms_max,
    signal: ended.signal,
  });
  const context = {
    ...server,
    from,
    send: createSender(messages),
    signal: ended.signal,
  };
  const rate = new TokenBucket(LIMITS.blob_requests_per_second_max);
  let open = 0;
  try {
    for (;;) {
      await rate.take(1, ended.signal);
      const request = await messages.receive(BlobRequest, LIMITS.blob_stream_idle_ms);
      if (open >= LIMITS.blob_requests_max)
        throw new PeerFault("refused", `${open} questions are open, the most that are taken`);
      open += 1;
      void answer(request, context)
        .catch((error: unknown) => stream.abort(error instanceof Error ? error : new Error(String(error))))
        .finally(() => {
          open -= 1;
        });
    }
  } catch (error) {
    // It has closed its side, or the stream: there is nobody to tell.
    if (!(error instanceof PeerFault && error.kind === "gone") && !ended.signal.aborted) throw error;
  } finally {
    ended.abort();
  }
}

interface Context extends Server {
  from: RunnerId;
  send: Send;
  signal: AbortSignal;
}

async function answer(request: BlobRequest, context: Context): Promise<void> {
  const { deps, from, send, signal } = context;
  const { id, sha256 } = request;
  const blob = await deps.find(sha256);
  switch (request.ask) {
    case "have": {
      if (request.wants) context.wanters.note(sha256, from, performance.now());
      if (blob !== null && request.wants) blob.onWanted?.(from);
      const fellows = await listFellows(sha256, context);
      if (blob !== null && request.wait && blob.here <= request.known) await news(blob, signal);
      return send({ id, answer: "have", ...describe(blob), fellows });
    }
    case "list": {
      const list = blob?.chunkList() ?? null;
      return send(list === null ? no(id) : { id, answer: "list", list: encodeChunkList(list) });
    }
    case "chunk": {
      const { index } = request;
      if (blob === null || index >= blob.count || !blob.has(index)) return send(no(id));
      return send({ id, answer: "chunk" }, async () => {
        const chunk = await blob.read(index).catch(() => null);
        if (chunk === null) return null;
        await deps.pace?.(chunk.length, signal);
        deps.onSent?.(from, chunk.length);
        return chunk;
      });
    }
    default:
      return request satisfies never;
  }
}

const no = (id: number): BlobAnswer => ({ id, answer: "no" });

function describe(blob: HeldBlob | null) {
  if (blob === null) return { bytes: null, chunks: new Uint8Array(), list: null, wants: false, draws: false };
  const { bytes, list, wants, draws } = blob;
  const chunks = renderChunkBits(blob.count, (index) => blob.has(index));
  return { bytes, chunks, list, wants, draws };
}

function listFellows(sha256: Sha256, { wanters, node, from }: Context): Promise<Have["fellows"]> {
  const fellows = wanters.of(sha256, from, performance.now());
  return Promise.all(fellows.map(async (runner) => ({ runner, addresses: await addressesOf(runner, node) })));
}

/** As far as this node knows them. */
async function addressesOf(runner: RunnerId, { libp2p }: PeerNode): Promise<PeerAddress[]> {
  const known = await libp2p.peerStore.get(peerIdOf(runner)).catch(() => null);
  return (known?.addresses ?? []).slice(0, LIMITS.blob_fellow_addresses_max).flatMap(({ multiaddr }) => {
    const address = PeerAddress.safeParse(multiaddr.toString());
    return address.success ? [address.data] : [];
  });
}

async function news(blob: HeldBlob, ended: AbortSignal): Promise<void> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), LIMITS.blob_news_ms_max);
  try {
    await blob.changed(AbortSignal.any([ended, limit.signal]));
  } finally {
    clearTimeout(timer);
    limit.abort();
  }
}

type Send = (answer: BlobAnswer, chunk?: () => Promise<Bytes | null>) => Promise<void>;

/** One answer after the other, a chunk with its own; the chunk is read when its turn comes, and may have gone by then. */
function createSender(messages: MessageStream): Send {
  let turn: Promise<void> = Promise.resolve();
  return (message, chunk) => {
    const sent = turn.then(async () => {
      const bytes = await chunk?.();
      await messages.send(bytes === null ? no(message.id) : message);
      if (bytes) await messages.sendBytes(bytes);
    });
    turn = sent.catch(() => undefined);
    return sent;
  };
}
