import type { Sha256 } from "@infernet/schemas/digest";
import type { BlobStore, ByteRange, StoredBlob } from "./blob-store.ts";

/** Blobs in R2. */
export class R2BlobStore implements BlobStore {
  readonly #bucket: R2Bucket;

  constructor(bucket: R2Bucket) {
    this.#bucket = bucket;
  }

  async put(sha256: Sha256, body: ReadableStream<Uint8Array>, bytes: number): Promise<void> {
    const { readable, writable } = new FixedLengthStream(bytes);
    await Promise.all([body.pipeTo(writable), this.#bucket.put(keyOf(sha256), readable)]);
  }

  async get(sha256: Sha256, range?: ByteRange): Promise<StoredBlob | null> {
    const object = await this.#bucket.get(
      keyOf(sha256),
      range ? { range: { offset: range.start, length: range.length } } : {},
    );
    return object && { bytes: object.size, body: object.body };
  }

  async head(sha256: Sha256): Promise<{ bytes: number } | null> {
    const object = await this.#bucket.head(keyOf(sha256));
    return object && { bytes: object.size };
  }
}

const keyOf = (sha256: Sha256): string => `sha256/${sha256}`;
