import { createHash } from "node:crypto";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Bytes, Sha256 } from "@infernet/schemas/digest";
import { type ChunkList, chunkCount, chunkSpan } from "@infernet/schemas/peer/chunk-list";
import { hashNative } from "../../work/native-hash.ts";

const DIGEST_BYTES = 32;
/** Chunks that are kept in memory until it is their turn to be hashed. */
const AHEAD_MAX = 8;

/** The sha256 of what is there from the beginning on, as far as it came in order. */
const beginRunning = () => ({
  hash: createHash("sha256"),
  next: 0,
  ahead: new Map<number, Uint8Array>(),
});

/**
 * A blob on its way: a sparse file, `<sha256>.part`, and beside it `<sha256>.chunks` with the digest of each chunk that is there, zeros for those that are not. What a
 * runner that died left is gone on with: chunks that still have their digest count, the others do not.
 */
export class PartFile {
  readonly bytes: number;
  readonly count: number;
  readonly #path: string;
  readonly #part: FileHandle;
  readonly #chunks: FileHandle;
  readonly #digests: Uint8Array;
  readonly #here: Set<number>;
  #running = beginRunning();

  private constructor(path: string, bytes: number, part: FileHandle, chunks: FileHandle) {
    this.bytes = bytes;
    this.count = chunkCount(bytes);
    this.#path = path;
    this.#part = part;
    this.#chunks = chunks;
    this.#digests = new Uint8Array(this.count * DIGEST_BYTES);
    this.#here = new Set();
  }

  /** @param bytes of the whole blob; what was begun with another size is begun anew */
  static async open(dir: string, sha256: Sha256, bytes: number): Promise<PartFile> {
    await mkdir(dir, { recursive: true });
    const path = join(dir, sha256);
    const part = await openOrMake(`${path}.part`);
    const chunks = await openOrMake(`${path}.chunks`);
    const file = new PartFile(path, bytes, part, chunks);
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

  async read(index: number): Promise<Bytes> {
    const { start, length } = chunkSpan(this.bytes, index);
    return readSpan(this.#part, start, length);
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
    if (index < this.#running.next || this.#running.ahead.has(index)) this.#running = beginRunning();
    this.#digests.fill(0, index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES);
    await this.#chunks.write(new Uint8Array(DIGEST_BYTES), 0, DIGEST_BYTES, index * DIGEST_BYTES);
  }

  async discardAll(): Promise<void> {
    for (let index = 0; index < this.count; index++) await this.discard(index);
  }

  /** The sha256 of all of it, which is whole. What came in order has been hashed then; only the rest is read again. */
  async digest(): Promise<Sha256> {
    const { hash, next } = this.#running;
    for (let index = next; index < this.count; index++) hash.update(await this.read(index));
    this.#running = beginRunning();
    return Sha256.parse(hash.digest("hex"));
  }

  #hashInOrder(index: number, chunk: Uint8Array): void {
    const { ahead } = this.#running;
    if (index > this.#running.next && ahead.size < AHEAD_MAX) ahead.set(index, chunk);
    for (let next: Uint8Array | undefined = index === this.#running.next ? chunk : undefined; next; ) {
      this.#running.hash.update(next);
      this.#running.next += 1;
      next = ahead.get(this.#running.next);
      ahead.delete(this.#running.next);
    }
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
      if (!digest.equals(hashNative(await this.read(index)))) continue;
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

/** Exactly this many bytes of a file. */
export async function readSpan(file: FileHandle, start: number, length: number): Promise<Bytes> {
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
  const { bytesRead } = await file.read(bytes, 0, length, start);
  if (bytesRead !== length) throw new Error(`the file has ${bytesRead} of ${length} bytes at ${start}`);
  return bytes;
}
