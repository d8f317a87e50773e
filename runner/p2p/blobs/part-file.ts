import { createHash } from "node:crypto";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Bytes, Sha256 } from "@infernet/schemas/digest";
import { type ChunkList, chunkCount, chunkSpan } from "@infernet/schemas/peer/chunk-list";
import { hashNative } from "../../work/native-hash.ts";
import { type ChunkBuffers, newChunk } from "./chunk-buffers.ts";

const DIGEST_BYTES = 32;
/** The sha256 of what is there from the beginning on, as far as it came in order. */
const beginRunning = () => ({ hash: createHash("sha256"), next: 0 });

/**
 * A blob on its way: a sparse file, `<sha256>.part`, and beside it `<sha256>.chunks` with the digest of each chunk that is there, zeros for those that are not. What a
 * runner that died left is gone on with: chunks that still have their digest count, the others do not.
 */
export class PartFile {
  readonly bytes: number;
  readonly count: number;
  readonly #path: string;
  readonly #buffers: ChunkBuffers;
  readonly #part: FileHandle;
  readonly #chunks: FileHandle;
  readonly #digests: Uint8Array;
  readonly #here: Set<number>;
  #running = beginRunning();

  private constructor(
    path: string,
    bytes: number,
    buffers: ChunkBuffers,
    { part, chunks }: { part: FileHandle; chunks: FileHandle },
  ) {
    this.bytes = bytes;
    this.#buffers = buffers;
    this.count = chunkCount(bytes);
    this.#path = path;
    this.#part = part;
    this.#chunks = chunks;
    this.#digests = new Uint8Array(this.count * DIGEST_BYTES);
    this.#here = new Set();
  }

  /** What was begun with another size of the whole is begun anew. */
  static async open(
    dir: string,
    { sha256, bytes }: { sha256: Sha256; bytes: number },
    buffers: ChunkBuffers,
  ): Promise<PartFile> {
    await mkdir(dir, { recursive: true });
    const path = join(dir, sha256);
    const part = await openOrMake(`${path}.part`);
    const chunks = await openOrMake(`${path}.chunks`);
    const file = new PartFile(path, bytes, buffers, { part, chunks });
    await file.#resume();
    return file;
  }

  get here(): number {
    return this.#here.size;
  }

  get isWhole(): boolean {
    return this.#here.size === this.count;
  }

  has(index: number): boolean {
    return this.#here.has(index);
  }

  held(): number[] {
    return [...this.#here];
  }

  missing(): number[] {
    return Array.from({ length: this.count }, (_, index) => index).filter((index) => !this.has(index));
  }

  digestOf(index: number): Uint8Array {
    return this.#digests.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES);
  }

  /** Of all chunks: only of use once all are here. */
  list(): ChunkList {
    return { bytes: this.bytes, digests: this.#digests.slice() };
  }

  async read(index: number, take: (length: number) => Bytes = newChunk): Promise<Bytes> {
    const { start, length } = chunkSpan(this.bytes, index);
    return readSpan(this.#part, start, take(length));
  }

  /** Looks at a chunk that is here. */
  async #visit<T>(index: number, look: (chunk: Bytes) => T): Promise<T> {
    const chunk = await this.read(index, (length) => this.#buffers.take(length));
    const seen = look(chunk);
    this.#buffers.give(chunk);
    return seen;
  }

  /** @param digest of the chunk, raw */
  async write(index: number, chunk: Uint8Array, digest: Uint8Array): Promise<void> {
    await this.#part.write(chunk, 0, chunk.length, chunkSpan(this.bytes, index).start);
    await this.#chunks.write(digest, 0, DIGEST_BYTES, index * DIGEST_BYTES);
    this.#digests.set(digest, index * DIGEST_BYTES);
    this.#here.add(index);
    this.#hashInOrder(index, chunk);
  }

  async discard(index: number): Promise<void> {
    this.#here.delete(index);
    if (index < this.#running.next) this.#running = beginRunning();
    this.#digests.fill(0, index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES);
    await this.#chunks.write(new Uint8Array(DIGEST_BYTES), 0, DIGEST_BYTES, index * DIGEST_BYTES);
  }

  async discardAll(): Promise<void> {
    for (let index = 0; index < this.count; index++) await this.discard(index);
  }

  /** The sha256 of all of it, which is whole. What came in order has been hashed then; only the rest is read again. */
  async digest(): Promise<Sha256> {
    const { hash, next } = this.#running;
    for (let index = next; index < this.count; index++)
      await this.#visit(index, (chunk) => hash.update(chunk));
    this.#running = beginRunning();
    return Sha256.parse(hash.digest("hex"));
  }

  #hashInOrder(index: number, chunk: Uint8Array): void {
    if (index !== this.#running.next) return;
    this.#running.hash.update(chunk);
    this.#running.next += 1;
  }

  /** Puts the whole blob in its place; nothing of the part is left. */
  async moveTo(place: string): Promise<void> {
    await this.#part.sync();
    await this.close();
    await rename(`${this.#path}.part`, place);
    await rm(`${this.#path}.chunks`, { force: true });
  }

  async remove(): Promise<void> {
    await this.close();
    await Promise.all([".part", ".chunks"].map((end) => rm(`${this.#path}${end}`, { force: true })));
  }

  async close(): Promise<void> {
    await Promise.all([this.#part.close(), this.#chunks.close()]);
  }

  async #resume(): Promise<void> {
    const [{ size }, known] = [await this.#part.stat(), await this.#chunks.readFile()];
    const isSame = size === this.bytes && known.length === this.#digests.length;
    if (!isSame) {
      await this.#part.truncate(0);
      await this.#part.truncate(this.bytes);
      await this.#chunks.truncate(0);
      await this.#chunks.truncate(this.#digests.length);
      return;
    }
    for (let index = 0; index < this.count; index++) {
      const digest = known.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES);
      if (digest.every((byte) => byte === 0)) continue;
      if (!(await this.#visit(index, (chunk) => digest.equals(hashNative(chunk))))) continue;
      this.#digests.set(digest, index * DIGEST_BYTES);
      this.#here.add(index);
    }
  }
}

const openOrMake = (path: string): Promise<FileHandle> =>
  open(path, "r+").catch((error: unknown) => {
    if (isMissing(error)) return open(path, "wx+", 0o600);
    throw error;
  });

const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ENOENT";

/** Fills memory with what a file has from `start` on. */
export async function readSpan(file: FileHandle, start: number, into: Bytes): Promise<Bytes> {
  const { bytesRead } = await file.read(into, 0, into.length, start);
  if (bytesRead !== into.length)
    throw new Error(`the file has ${bytesRead} of ${into.length} bytes at ${start}`);
  return into;
}
