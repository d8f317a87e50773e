import { z } from "zod";
import { type Bytes, Sha256 } from "../digest.ts";
import { RunnerId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { chunkCount } from "./chunk-list.ts";
import { PeerAddress } from "./peer-record.ts";

const CHUNKS_MAX = chunkCount(LIMITS.blob_bytes_max);

/** Of the peer that asks; the answer bears it too. */
const id = z
  .int()
  .min(0)
  .max(2 ** 31);

/** What one peer asks another over `/infernet/blob/1`. */
export const BlobRequest = z.discriminatedUnion("ask", [
  /** What it has of a blob. A peer that has no more chunks than `known` may answer later, up to `blob_news_ms_max`. */
  z.strictObject({
    id,
    ask: z.literal("have"),
    sha256: Sha256,
    /** Whether the asker itself wants the blob. */
    wants: z.boolean(),
    known: z.int().min(0).max(CHUNKS_MAX),
    wait: z.boolean(),
  }),
  /** The list of its chunks. */
  z.strictObject({ id, ask: z.literal("list"), sha256: Sha256 }),
  z.strictObject({
    id,
    ask: z.literal("chunk"),
    sha256: Sha256,
    index: z
      .int()
      .min(0)
      .max(CHUNKS_MAX - 1),
  }),
]);
export type BlobRequest = z.infer<typeof BlobRequest>;

/** What it answers, in any order. After `chunk` the chunk itself follows, as one message of raw bytes. */
export const BlobAnswer = z.discriminatedUnion("answer", [
  z.strictObject({
    id,
    answer: z.literal("have"),
    /** Of the whole blob; null where it knows nothing of it. */
    bytes: z.int().min(1).max(LIMITS.blob_bytes_max).nullable(),
    /** One bit for each chunk that it has, the first in the lowest bit of the first byte. */
    chunks: z.instanceof(Uint8Array).refine((bits) => bits.length <= Math.ceil(CHUNKS_MAX / 8)),
    /** Name of the list that it checks chunks against, or would hand out; null where it has none. */
    list: Sha256.nullable(),
    /** Whether it is fetching the blob, and whether it fetches it from the edge. */
    wants: z.boolean(),
    draws: z.boolean(),
    /** Others that have lately asked it for the blob and want it, whether it has any of it or not. */
    fellows: z
      .array(
        z.strictObject({
          runner: RunnerId,
          addresses: z.array(PeerAddress).max(LIMITS.blob_fellow_addresses_max),
        }),
      )
      .max(LIMITS.blob_fellows_max),
  }),
  z.strictObject({
    id,
    answer: z.literal("list"),
    list: z.instanceof(Uint8Array).refine((list) => list.length <= 8 + 32 * CHUNKS_MAX),
  }),
  z.strictObject({ id, answer: z.literal("chunk") }),
  /** It does not have that, or gives it to nobody. */
  z.strictObject({ id, answer: z.literal("no") }),
]);
export type BlobAnswer = z.infer<typeof BlobAnswer>;
export type Have = Extract<BlobAnswer, { answer: "have" }>;

export const hasChunk = (bits: Uint8Array, index: number): boolean =>
  ((bits[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;

/** @param has whether a chunk is here */
export function renderChunkBits(count: number, has: (index: number) => boolean): Bytes {
  const bits = new Uint8Array(Math.ceil(count / 8));
  for (let index = 0; index < count; index++) {
    if (has(index)) bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7));
  }
  return bits;
}
