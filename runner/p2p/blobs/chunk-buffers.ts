import type { Bytes } from "@infernet/schemas/digest";
import { LIMITS } from "@infernet/schemas/limits";

const KEPT_MAX = 32;

/** Memory for a chunk that is sent: the library holds it for as long as its window is full, so that it is not used again. */
export const newChunk = (length: number): Bytes => new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);

/** Memory for chunks that come, used again: new memory for each of them keeps the garbage collector busier than all else that a transfer does. */
export class ChunkBuffers {
  readonly #free: ArrayBuffer[] = [];

  /** @param length at most that of a chunk; what is in it is anything */
  take(length: number): Bytes {
    const buffer = this.#free.pop() ?? Buffer.allocUnsafeSlow(LIMITS.blob_chunk_bytes).buffer;
    return new Uint8Array(buffer, 0, length);
  }

  /** Nobody may look at it any more. */
  give({ buffer }: Bytes): void {
    if (this.#free.length < KEPT_MAX && buffer.byteLength === LIMITS.blob_chunk_bytes)
      this.#free.push(buffer);
  }
}
