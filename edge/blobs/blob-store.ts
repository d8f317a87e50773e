import type { Sha256 } from "@infernet/schemas/digest";

export interface ByteRange {
  start: number;
  length: number;
}

export interface StoredBlob {
  /** Size of the whole blob, also when `body` is a range of it. */
  bytes: number;
  body: ReadableStream<Uint8Array>;
}

/** Immutable bytes by their sha256. A store believes the digest it is given: `storeUpload` checks it. */
export interface BlobStore {
  /** Stores exactly `bytes` bytes, or nothing when the stream fails before its end. */
  put(sha256: Sha256, body: ReadableStream<Uint8Array>, bytes: number): Promise<void>;
  /** @param range lies inside the blob and is not empty */
  get(sha256: Sha256, range?: ByteRange): Promise<StoredBlob | null>;
  head(sha256: Sha256): Promise<{ bytes: number } | null>;
}
