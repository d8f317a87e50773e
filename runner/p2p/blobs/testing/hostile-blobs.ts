import type { Bytes, Sha256 } from "@infernet/schemas/digest";
import { LIMITS } from "@infernet/schemas/limits";
import { type BlobAnswer, BlobRequest, renderChunkBits } from "@infernet/schemas/peer/blob-message";
import {
  type ChunkList,
  chunkCount,
  chunkListDigest,
  encodeChunkList,
  listChunks,
} from "@infernet/schemas/peer/chunk-list";
import type { PeerNode } from "../../node/peer-node.ts";
import { PROTOCOLS } from "../../protocols.ts";
import { type MessageStream, openMessages } from "../../stream/message-stream.ts";

/** What a peer of a test says and sends, as far as it is not what an honest one would. */
export interface Hostility {
  bytes?: number;
  list?: Sha256 | null;
  chunkList?: ChunkList;
  wants?: boolean;
  draws?: boolean;
  /** Chunks that it says it has; all where nothing is said. */
  has?(index: number): boolean;
  /** Null: nothing comes after the answer. */
  chunk?(index: number): Bytes | null;
  /** Instead of any answer. */
  answer?(request: BlobRequest, messages: MessageStream): Promise<void>;
}

/** Serves a blob over the real protocol, and lies where the test says so. */
export async function serveHostile(node: PeerNode, content: Bytes, lies: Hostility): Promise<void> {
  const list = lies.chunkList ?? (await listChunks(content));
  const name = lies.list === undefined ? await chunkListDigest(list) : lies.list;
  const bytes = lies.bytes ?? content.length;
  await node.serve(PROTOCOLS.blob, async (stream) => {
    const messages = openMessages(stream, { bytes_max: LIMITS.blob_request_bytes_max });
    const send = (answer: BlobAnswer): Promise<void> => messages.send(answer);
    for (;;) {
      const request = await messages.receive(BlobRequest, LIMITS.blob_stream_idle_ms);
      const { id } = request;
      if (lies.answer) {
        await lies.answer(request, messages);
        continue;
      }
      if (request.ask === "list") {
        await send({ id, answer: "list", list: encodeChunkList(list) });
      } else if (request.ask === "have") {
        if (request.wait) continue;
        const chunks = renderChunkBits(chunkCount(bytes), lies.has ?? (() => true));
        const { wants = false, draws = false } = lies;
        await send({ id, answer: "have", bytes, chunks, list: name, wants, draws, fellows: [] });
      } else {
        await send({ id, answer: "chunk" });
        const start = request.index * LIMITS.blob_chunk_bytes;
        const chunk = lies.chunk?.(request.index);
        if (chunk === null) continue;
        await messages.sendBytes(chunk ?? content.slice(start, start + LIMITS.blob_chunk_bytes));
      }
    }
  });
}
