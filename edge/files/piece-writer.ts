import { sha256 } from "@infernet/schemas/digest";
import type { FilePiece } from "@infernet/schemas/file";
import { LIMITS } from "@infernet/schemas/limits";
import type { BlobStore } from "../blobs/blob-store.ts";
import { storeBlob } from "../blobs/store-blob.ts";

/**
 * Stores bytes as they come, in blobs of one size: however long they go on, one blob's worth is held, and each is stored
 * under its own digest, which nobody knows of a whole file before its end.
 */
export class PieceWriter {
  readonly #store: BlobStore;
  readonly #piece_bytes: number;
  readonly #pieces: FilePiece[] = [];
  #held: Uint8Array[] = [];
  #held_bytes = 0;
  #bytes = 0;

  constructor(store: BlobStore, piece_bytes: number = LIMITS.file_piece_bytes_max) {
    this.#store = store;
    this.#piece_bytes = piece_bytes;
  }

  /** All bytes so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The bytes are not to be changed after that. */
  async write(bytes: Uint8Array): Promise<void> {
    this.#bytes += bytes.byteLength;
    for (let rest = bytes; rest.byteLength > 0; ) {
      const taken = rest.subarray(0, this.#piece_bytes - this.#held_bytes);
      this.#held.push(taken);
      this.#held_bytes += taken.byteLength;
      rest = rest.subarray(taken.byteLength);
      if (this.#held_bytes === this.#piece_bytes) await this.#flush();
    }
  }

  /** The blobs that hold it all, in order. */
  async close(): Promise<FilePiece[]> {
    if (this.#held_bytes > 0) await this.#flush();
    return this.#pieces;
  }

  async #flush(): Promise<void> {
    const piece = new Uint8Array(this.#held_bytes);
    let offset = 0;
    for (const part of this.#held) {
      piece.set(part, offset);
      offset += part.byteLength;
    }
    this.#held = [];
    this.#held_bytes = 0;
    const digest = await sha256(piece);
    await storeBlob(this.#store, digest, piece);
    this.#pieces.push({ sha256: digest, bytes: piece.byteLength });
  }
}
