import { type Bytes, type Sha256, sha256 } from "../digest.ts";
import { LIMITS } from "../limits.ts";

const DIGEST_BYTES = 32;
const LENGTH_BYTES = 8;

/**
 * The sha256 of each chunk of a blob. Every chunk has `blob_chunk_bytes`, the last one what is left. Its encoding: the blob's size as an unsigned
 * 64-bit big-endian number, then the digests one after the other. A list is named by the sha256 of its encoding, so that
 * whoever trusts the name can check every chunk by itself.
 */
export interface ChunkList {
  /** Of the whole blob. */
  bytes: number;
  /** 32 raw bytes for each chunk. */
  digests: Uint8Array;
}

export const chunkCount = (bytes: number): number => Math.ceil(bytes / LIMITS.blob_chunk_bytes);

/** Where a chunk lies in its blob, in bytes. */
export function chunkSpan(bytes: number, index: number): { start: number; length: number } {
  const start = index * LIMITS.blob_chunk_bytes;
  return { start, length: Math.min(LIMITS.blob_chunk_bytes, bytes - start) };
}

/** Raw digest of one chunk, as the list has it. */
export const chunkDigest = ({ digests }: ChunkList, index: number): Uint8Array =>
  digests.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES);

export function encodeChunkList({ bytes, digests }: ChunkList): Bytes {
  const encoded = new Uint8Array(LENGTH_BYTES + digests.length);
  new DataView(encoded.buffer).setBigUint64(0, BigInt(bytes));
  encoded.set(digests, LENGTH_BYTES);
  return encoded;
}

/** Null when the bytes are no list of a blob that may be. */
export function decodeChunkList(encoded: Uint8Array): ChunkList | null {
  if (encoded.length < LENGTH_BYTES) return null;
  const bytes = Number(new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength).getBigUint64(0));
  const digests = encoded.slice(LENGTH_BYTES);
  const isWhole = digests.length === chunkCount(bytes) * DIGEST_BYTES;
  return bytes >= 1 && bytes <= LIMITS.blob_bytes_max && isWhole ? { bytes, digests } : null;
}

/** The name of a list. */
export const chunkListDigest = (list: ChunkList): Promise<Sha256> => sha256(encodeChunkList(list));

/** The list of a blob that is here. */
export async function listChunks(blob: Bytes): Promise<ChunkList> {
  const digests = new Uint8Array(chunkCount(blob.length) * DIGEST_BYTES);
  for (let index = 0; index < chunkCount(blob.length); index++) {
    const { start, length } = chunkSpan(blob.length, index);
    const digest = await crypto.subtle.digest("SHA-256", blob.subarray(start, start + length));
    digests.set(new Uint8Array(digest), index * DIGEST_BYTES);
  }
  return { bytes: blob.length, digests };
}
