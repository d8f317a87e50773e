import type { Bytes } from "@infernet/schemas/digest";
import { chunkSpan } from "@infernet/schemas/peer/chunk-list";
import { BlobUnusable } from "../../cache/blob-cache.ts";

/**
 * A stream of bytes cut into the chunks of a blob, from `first` on. Throws `BlobUnusable` when more comes than the blob has; ends early when less
 * does.
 */
export async function* edgeChunks(
  stream: AsyncIterable<Uint8Array>,
  bytes: number,
  first: number,
): AsyncGenerator<{ index: number; chunk: Bytes }> {
  let index = first;
  let chunk = new Uint8Array(Math.max(0, chunkSpan(bytes, index).length));
  let filled = 0;
  for await (let piece of stream) {
    while (piece.length > 0) {
      if (chunk.length === 0)
        throw new BlobUnusable(`the edge sends more than the ${bytes} bytes of the blob`);
      const taken = piece.subarray(0, chunk.length - filled);
      chunk.set(taken, filled);
      filled += taken.length;
      piece = piece.subarray(taken.length);
      if (filled < chunk.length) continue;
      yield { index, chunk };
      index += 1;
      filled = 0;
      chunk = new Uint8Array(Math.max(0, chunkSpan(bytes, index).length));
    }
  }
}
