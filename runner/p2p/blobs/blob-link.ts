import type { Bytes } from "@infernet/schemas/digest";
import { LIMITS } from "@infernet/schemas/limits";
import { BlobAnswer, type BlobRequest } from "@infernet/schemas/peer/blob-message";
import type { Stream } from "@libp2p/interface";
import { type MessageStream, openMessages } from "../stream/message-stream.ts";
import { PeerFault } from "../stream/peer-fault.ts";
import type { ChunkBuffers } from "./chunk-buffers.ts";

type WithoutId<T> = T extends unknown ? Omit<T, "id"> : never;
export type BlobQuestion = WithoutId<BlobRequest>;
/** An answer, with the chunk that came after it, whose memory goes back to `ChunkBuffers`. */
export type BlobReply = { answer: BlobAnswer; chunk: Bytes | null };

interface Waiting {
  resolve(reply: BlobReply): void;
  reject(fault: Error): void;
}

/**
 * The asker's side of a stream of `/infernet/blob/1`: many questions at once, answers as they come. It ends with the first thing that is not as
 * the protocol has it; whatever waits then rejects with that `PeerFault`.
 */
export class BlobLink {
  readonly #messages: MessageStream;
  readonly #chunk_ms_max: number;
  readonly #buffers: ChunkBuffers;
  readonly #waiting = new Map<number, Waiting>();
  #ids = 0;
  #fault: Error | null = null;

  constructor(stream: Stream, buffers: ChunkBuffers, chunk_ms_max: number = LIMITS.blob_chunk_ms_max) {
    this.#messages = openMessages(stream, {
      bytes_max: LIMITS.blob_chunk_bytes,
      timeout_ms: chunk_ms_max,
    });
    this.#chunk_ms_max = chunk_ms_max;
    this.#buffers = buffers;
    void this.#read();
  }

  get isOpen(): boolean {
    return this.#fault === null;
  }

  /** Rejects with `PeerFault`: when nothing comes in time, the whole link ends. */
  async ask(question: BlobQuestion, timeout_ms: number): Promise<BlobReply> {
    if (this.#fault !== null) throw this.#fault;
    const id = this.#ids++;
    const reply = Promise.withResolvers<BlobReply>();
    this.#waiting.set(id, reply);
    reply.promise.catch(() => undefined);
    const timer = setTimeout(
      () => this.end(new PeerFault("slow", `the peer did not answer within ${timeout_ms} ms`)),
      timeout_ms,
    ).unref();
    try {
      await this.#messages.send({ id, ...question } satisfies BlobRequest);
      return await reply.promise;
    } catch (error) {
      throw this.#fault ?? error;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  end(fault: Error): void {
    if (this.#fault !== null) return;
    this.#fault = fault;
    this.#messages.abort(fault);
    for (const { reject } of this.#waiting.values()) reject(fault);
    this.#waiting.clear();
  }

  async #read(): Promise<void> {
    try {
      while (this.#fault === null) {
        const answer = await this.#messages.receive(BlobAnswer, LIMITS.blob_stream_idle_ms);
        const waiting = this.#waiting.get(answer.id);
        if (waiting === undefined)
          throw new PeerFault("malformed", `the peer answers a question ${answer.id} that is not open`);
        const chunk =
          answer.answer === "chunk"
            ? await this.#messages.receiveBytes(this.#chunk_ms_max, (bytes) => this.#buffers.take(bytes))
            : null;
        this.#waiting.delete(answer.id);
        waiting.resolve({ answer, chunk });
      }
    } catch (error) {
      this.end(error instanceof Error ? error : new PeerFault("gone", String(error)));
    }
  }
}
