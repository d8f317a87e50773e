import { createHash, randomUUID } from "node:crypto";
import { existsSync, rmSync, statSync } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { Sha256 } from "@infernet/schemas/digest";
import { LIMITS } from "@infernet/schemas/limits";
import pRetry from "p-retry";
import { untilAborted } from "../until-aborted.ts";
import type { BlobSharing, FetchedBlob, PeerBlobs } from "./peer-blobs.ts";

export interface BlobFile {
  path: string;
  bytes: number;
}

/** Where blobs come from: the bytes, unchecked, from `start` on where one is given. */
export type Download = (
  sha256: Sha256,
  signal: AbortSignal,
  start?: number,
) => Promise<AsyncIterable<Uint8Array>>;

export interface BlobCacheOptions {
  dir: string;
  bytes_max: number;
  download: Download;
  /** Whether a download that failed this way is worth another attempt. */
  isPassing?(error: unknown): boolean;
  /** Told of each blob that has come, and from where. */
  onFetched?(sha256: Sha256, fetched: FetchedBlob): void;
}

/** Blobs by their sha256, on disk, within a bound: the one used longest ago goes first. */
export interface BlobCache {
  /**
   * Gives `use` the blob's file, downloading and verifying it first where it is not here. The file stays for as long as
   * `use` takes. Callers who want one blob at once share one download.
   *
   * @param sharing of a blob that other machines may have from here, and this one from them; without it only the source is asked
   */
  withBlob<T>(
    sha256: Sha256,
    signal: AbortSignal,
    use: (file: BlobFile) => Promise<T>,
    sharing?: BlobSharing,
  ): Promise<T>;
  /** Of all blobs that are here whole. */
  readonly bytes: number;
}

/** One machine's blobs, whoever they are for. */
export interface OpenedCache extends BlobCache {
  /**
   * The same blobs; what is not here comes from there, and waits for nothing that another source is asked for: a source that stalls
   * holds up nobody else.
   */
  from(download: Download): BlobCache;
  /** From now on blobs that may be shared come from peers where they have them, and go to them; null: no more. */
  shareWith(peers: PeerBlobs | null): void;
}

/** The bytes that came are not the ones asked for, or are too many. */
export class BlobUnusable extends Error {
  constructor(message: string) {
    super(message);
    this.name = "BlobUnusable";
  }
}

interface Entry extends BlobFile {
  users: number;
  used_ms: number;
}

interface Running {
  entry: Promise<Entry>;
  waiting: number;
  abort: AbortController;
}

/** How often a file's time of use is written down, for the order of eviction after a restart. */
const TOUCH_MS = 60_000;

/** Opens the cache: what an interrupted download left is removed, whole files are kept. */
export async function openBlobCache(options: BlobCacheOptions): Promise<OpenedCache> {
  const { dir, bytes_max } = options;
  await mkdir(dir, { recursive: true });
  /** In the order of last use, oldest first. */
  const entries = await scan(dir);
  let peers: PeerBlobs | null = null;
  evict();

  /** Without a pause, so that no file goes that has been downloaded anew in between. */
  function evict(): void {
    let bytes = sumOfBytes(entries);
    for (const [sha256, entry] of entries) {
      if (bytes <= bytes_max) return;
      if (entry.users > 0) continue;
      entries.delete(sha256);
      bytes -= entry.bytes;
      rmSync(entry.path, { force: true });
    }
  }

  /** `infernet-runner models` of another process may have removed it. */
  function forgetGone(sha256: Sha256): void {
    const entry = entries.get(sha256);
    if (entry && entry.users === 0 && !existsSync(entry.path)) entries.delete(sha256);
  }

  function view(download: Download): BlobCache {
    const running = new Map<Sha256, Running>();

    function begin(sha256: Sha256, sharing: BlobSharing | undefined): Running {
      const known = running.get(sha256);
      if (known) return known;
      const abort = new AbortController();
      const source = { ...options, download, peers };
      const entry = fetchOrAdopt(source, sha256, sharing, abort.signal).then((file) => {
        // Another source may have been quicker.
        const made = entries.get(sha256) ?? { ...file, users: 0, used_ms: Date.now() };
        entries.set(sha256, made);
        return made;
      });
      const begun = { entry, waiting: 0, abort };
      running.set(sha256, begun);
      entry.catch(() => undefined).finally(() => running.delete(sha256));
      return begun;
    }

    /** The download goes on while anybody waits for it. */
    async function downloaded(sha256: Sha256, signal: AbortSignal, sharing?: BlobSharing): Promise<Entry> {
      const joined = begin(sha256, sharing);
      joined.waiting += 1;
      try {
        return await untilAborted(joined.entry, signal);
      } finally {
        joined.waiting -= 1;
        if (joined.waiting === 0) joined.abort.abort(signal.reason);
      }
    }

    return {
      get bytes() {
        return sumOfBytes(entries);
      },
      withBlob: async (sha256, signal, use, sharing) => {
        signal.throwIfAborted();
        forgetGone(sha256);
        const entry = entries.get(sha256) ?? (await downloaded(sha256, signal, sharing));
        if (sharing !== undefined) peers?.share(sha256);
        entry.users += 1;
        entries.delete(sha256);
        entries.set(sha256, entry);
        try {
          await touch(entry);
          return await use(entry);
        } finally {
          entry.users -= 1;
          evict();
        }
      },
    };
  }

  const own = view(options.download);
  return {
    get bytes() {
      return own.bytes;
    },
    withBlob: own.withBlob,
    from: view,
    shareWith: (others) => {
      peers = others;
    },
  };
}

const sumOfBytes = (entries: ReadonlyMap<Sha256, Entry>): number =>
  [...entries.values()].reduce((sum, entry) => sum + entry.bytes, 0);

async function touch(entry: Entry): Promise<void> {
  const now_ms = Date.now();
  if (now_ms - entry.used_ms < TOUCH_MS) return;
  entry.used_ms = now_ms;
  await utimes(entry.path, now_ms / 1_000, now_ms / 1_000);
}

async function scan(dir: string): Promise<Map<Sha256, Entry>> {
  const found: [Sha256, Entry][] = [];
  for (const name of await readdir(dir)) {
    const path = join(dir, name);
    const sha256 = Sha256.safeParse(name);
    if (!sha256.success) {
      await rm(path, { recursive: true, force: true });
      continue;
    }
    const { size, mtimeMs } = await stat(path);
    found.push([sha256.data, { path, bytes: size, users: 0, used_ms: mtimeMs }]);
  }
  return new Map(found.sort(([, a], [, b]) => a.used_ms - b.used_ms));
}

/** What lies under its name is whole and was checked, whoever put it there: `infernet-runner models pull` does so too. */
async function fetchOrAdopt(
  source: Source,
  sha256: Sha256,
  sharing: BlobSharing | undefined,
  signal: AbortSignal,
): Promise<BlobFile> {
  const { dir, bytes_max, peers, download, onFetched } = source;
  const path = join(dir, sha256);
  const there = statSync(path, { throwIfNoEntry: false });
  if (there?.isFile()) return { path, bytes: there.size };
  if (sharing !== undefined && sharing.bytes <= bytes_max) {
    const fetched = await peers?.fetch({ sha256, ...sharing }, path, download, signal);
    if (fetched) {
      onFetched?.(sha256, fetched);
      return { path, bytes: sharing.bytes };
    }
  }
  const file = await fetchFile(source, sha256, signal);
  onFetched?.(sha256, { from_peers_bytes: 0, from_edge_bytes: file.bytes, peers: 0, wasted_bytes: 0 });
  return file;
}

interface Source extends BlobCacheOptions {
  peers: PeerBlobs | null;
}

/** Hashed as it comes, written beside, put in place when whole: no crash leaves half a blob under its name. */
async function fetchFile(options: BlobCacheOptions, sha256: Sha256, signal: AbortSignal): Promise<BlobFile> {
  const { dir, isPassing = () => false } = options;
  const part = join(dir, `${randomUUID()}.part`);
  const path = join(dir, sha256);
  try {
    const attempt = () => writePart(options, sha256, part, signal);
    const bytes = await pRetry(attempt, {
      retries: LIMITS.runner_attempts_max,
      minTimeout: LIMITS.runner_retry_ms_min,
      maxTimeout: LIMITS.runner_retry_ms_max,
      randomize: true,
      signal,
      shouldRetry: ({ error }) => isPassing(error),
    });
    await rename(part, path);
    return { path, bytes };
  } finally {
    await rm(part, { force: true });
  }
}

async function writePart(
  { download, bytes_max }: BlobCacheOptions,
  sha256: Sha256,
  part: string,
  signal: AbortSignal,
): Promise<number> {
  const most = Math.min(bytes_max, LIMITS.blob_bytes_max);
  const hash = createHash("sha256");
  const file = await open(part, "w");
  let bytes = 0;
  try {
    for await (const chunk of await download(sha256, signal)) {
      signal.throwIfAborted();
      bytes += chunk.byteLength;
      if (bytes > most)
        throw new BlobUnusable(`blob ${sha256} is over ${most} bytes, the most this cache takes`);
      hash.update(chunk);
      await file.writeFile(chunk);
    }
    const actual = hash.digest("hex");
    if (actual !== sha256) throw new BlobUnusable(`blob ${sha256} came with the sha256 ${actual}`);
    await file.sync();
  } finally {
    await file.close();
  }
  return bytes;
}
