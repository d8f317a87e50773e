import { mkdir, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Sha256 } from "@infernet/schemas/digest";
import { LIMITS } from "@infernet/schemas/limits";
import {
  type ChunkList,
  chunkCount,
  chunkListDigest,
  chunkSpan,
  decodeChunkList,
  encodeChunkList,
} from "@infernet/schemas/peer/chunk-list";
import { listKnownModels } from "../../models/known-models.ts";
import { hashNative } from "../../work/native-hash.ts";
import { newChunk } from "./chunk-buffers.ts";
import type { HeldBlob } from "./held-blob.ts";
import { readSpan } from "./part-file.ts";

/** How often models that another process has brought are looked for, when a peer asks for what is not known. */
const LOOK_AGAIN_MS = 30_000;

/**
 * Blobs of the cache that others may have: files of models that this runner knows, and inputs whose jobs said so. Beside the cache, `shared/<sha256>` says so with
 * the list of its chunks; what has no such file is given to nobody.
 */
export class SharedBlobs {
  readonly #home: string;
  readonly #cache: string;
  readonly #dir: string;
  readonly #lists = new Map<Sha256, Promise<NamedList | null>>();
  #looked_ms = Number.NEGATIVE_INFINITY;

  private constructor(home: string) {
    this.#home = home;
    this.#cache = join(home, "cache");
    this.#dir = join(home, "shared");
  }

  /** What has left the cache meanwhile is forgotten. */
  static async open(home: string): Promise<SharedBlobs> {
    const shared = new SharedBlobs(home);
    await mkdir(shared.#dir, { recursive: true, mode: 0o700 });
    for (const name of await readdir(shared.#dir)) {
      const sha256 = Sha256.safeParse(name);
      const isHere = sha256.success && (await sizeOf(join(shared.#cache, sha256.data))) !== null;
      if (!isHere) await rm(join(shared.#dir, name), { recursive: true, force: true });
    }
    return shared;
  }

  /** Lets others have a blob of the cache. @param list of its chunks, where it is known */
  async share(sha256: Sha256, list?: ChunkList): Promise<void> {
    if (this.#lists.has(sha256)) return;
    const kept = (list === undefined ? this.#readList(sha256) : Promise.resolve(list)).then(named);
    this.#lists.set(sha256, kept);
    const known = await kept;
    if (known === null) this.#lists.delete(sha256);
    else await writeFile(join(this.#dir, sha256), encodeChunkList(known.list));
    const [oldest] = this.#lists.keys();
    if (this.#lists.size > LIMITS.blob_shared_max && oldest !== undefined) await this.#forget(oldest);
  }

  /** Null for a blob that is not here, or not for others. */
  async find(sha256: Sha256): Promise<HeldBlob | null> {
    const path = join(this.#cache, sha256);
    const bytes = await sizeOf(path);
    if (bytes === null) {
      await this.#forget(sha256);
      return null;
    }
    if (!(await this.#isShared(sha256))) return null;
    const known = await this.#lists.get(sha256);
    if (!known || known.list.bytes !== bytes) return null;
    const { list, name } = known;
    const count = chunkCount(bytes);
    return {
      ...{ bytes, count, here: count, list: name, wants: false, draws: false },
      has: (index) => index < count,
      chunkList: () => list,
      read: async (index) => {
        const file = await open(path);
        try {
          const { start, length } = chunkSpan(bytes, index);
          return await readSpan(file, start, newChunk(length));
        } finally {
          await file.close();
        }
      },
      // A whole blob stays what it is.
      changed: (signal) =>
        new Promise((done) => signal.addEventListener("abort", () => done(), { once: true })),
    };
  }

  async #isShared(sha256: Sha256): Promise<boolean> {
    if (this.#lists.has(sha256)) return true;
    if ((await sizeOf(join(this.#dir, sha256))) !== null) {
      await this.share(sha256);
      return true;
    }
    if (performance.now() - this.#looked_ms < LOOK_AGAIN_MS) return false;
    this.#looked_ms = performance.now();
    const models = await listKnownModels(this.#home);
    const isOfModel = models.some(({ manifest }) => manifest.files.some((file) => file.sha256 === sha256));
    if (isOfModel) await this.share(sha256);
    return isOfModel;
  }

  /** As it was kept, else made of the file. */
  async #readList(sha256: Sha256): Promise<ChunkList | null> {
    const kept = await readFile(join(this.#dir, sha256)).catch(() => null);
    const list = kept === null ? null : decodeChunkList(kept);
    return list ?? listFile(join(this.#cache, sha256)).catch(() => null);
  }

  async #forget(sha256: Sha256): Promise<void> {
    if (!this.#lists.delete(sha256)) return;
    await rm(join(this.#dir, sha256), { force: true });
  }
}

interface NamedList {
  list: ChunkList;
  name: Sha256;
}

const named = async (list: ChunkList | null): Promise<NamedList | null> =>
  list === null ? null : { list, name: await chunkListDigest(list) };

async function listFile(path: string): Promise<ChunkList> {
  const file = await open(path);
  try {
    const { size: bytes } = await file.stat();
    const digests: Uint8Array[] = [];
    for (let index = 0; index < chunkCount(bytes); index++) {
      const { start, length } = chunkSpan(bytes, index);
      digests.push(hashNative(await readSpan(file, start, new Uint8Array(length))));
    }
    return { bytes, digests: Buffer.concat(digests) };
  } finally {
    await file.close();
  }
}

const sizeOf = (path: string): Promise<number | null> =>
  stat(path).then(
    (file) => (file.isFile() ? file.size : null),
    () => null,
  );
