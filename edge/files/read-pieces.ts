import type { FilePiece } from "@infernet/schemas/file";
import type { BlobStore } from "../blobs/blob-store.ts";

/** The bytes of a file from `offset` on, as they come from the store. */
export async function* readPieces(
  store: BlobStore,
  pieces: readonly FilePiece[],
  offset = 0,
): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (const { sha256, bytes } of pieces) {
    const skipped = Math.max(0, offset - start);
    start += bytes;
    if (skipped >= bytes) continue;
    const range = skipped === 0 ? undefined : { start: skipped, length: bytes - skipped };
    const blob = await store.get(sha256, range);
    if (blob === null) throw new Error(`the blob ${sha256} of a file is gone`);
    yield* blob.body;
  }
}

/** The same for whoever takes a stream. Nothing is read before it is asked for. */
export function streamPieces(store: BlobStore, pieces: readonly FilePiece[]): ReadableStream<Uint8Array> {
  const bytes = readPieces(store, pieces);
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const { done, value } = await bytes.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => {
      await bytes.return(undefined);
    },
  });
}
