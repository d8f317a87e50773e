import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Sha256, sha256 } from "@infernet/schemas/digest";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type BlobCache, type OpenedCache, openBlobCache } from "./blob-cache.ts";

const NEVER = new AbortController().signal;
const blob = (fill: number): Uint8Array<ArrayBuffer> => new Uint8Array(100).fill(fill);

describe("the blob cache", () => {
  let dir: string;
  let asked: string[];
  let stored: Map<string, Uint8Array>;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "infernet-cache-"));
    asked = [];
    stored = new Map();
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  const store = async (bytes: Uint8Array<ArrayBuffer>): Promise<Sha256> => {
    const digest = await sha256(bytes);
    stored.set(digest, bytes);
    return digest;
  };
  const open = (bytes_max = 250): Promise<OpenedCache> =>
    openBlobCache({
      dir,
      bytes_max,
      download: async (digest) => {
        asked.push(digest);
        const bytes = stored.get(digest);
        if (!bytes) throw new Error("there is no such blob");
        return halves(bytes);
      },
    });
  const read = (cache: BlobCache, digest: Sha256) =>
    cache.withBlob(digest, NEVER, ({ path }) => readFile(path));

  it("downloads a blob once, also for those who ask at the same time", async () => {
    const digest = await store(blob(1));
    const cache = await open();
    const both = await Promise.all([read(cache, digest), read(cache, digest)]);
    await read(cache, digest);
    expect(both.map((bytes) => bytes.equals(blob(1)))).toEqual([true, true]);
    expect(asked).toEqual([digest]);
  });

  it("downloads again what another process has removed, and takes what one has put there", async () => {
    const [removed, added] = [await store(blob(1)), await store(blob(2))];
    const cache = await open();
    await read(cache, removed);
    await rm(join(dir, removed));
    await writeFile(join(dir, added), blob(2));
    expect((await read(cache, removed)).equals(blob(1))).toBe(true);
    expect((await read(cache, added)).equals(blob(2))).toBe(true);
    expect(asked).toEqual([removed, removed]);
    expect(cache.bytes).toBe(200);
  });

  it("refuses bytes that have another digest and keeps nothing of them", async () => {
    const digest = await store(blob(1));
    stored.set(digest, blob(2));
    const cache = await open();
    await expect(read(cache, digest)).rejects.toThrow(/came with the sha256/);
    expect(await readdir(dir)).toEqual([]);
  });

  it("refuses a blob that alone is over its bound", async () => {
    const digest = await store(blob(1));
    await expect(read(await open(99), digest)).rejects.toThrow(/over 99 bytes/);
  });

  it("lets the blob used longest ago go first", async () => {
    const [a, b, c] = [await store(blob(1)), await store(blob(2)), await store(blob(3))];
    const cache = await open();
    await read(cache, a);
    await read(cache, b);
    await read(cache, a);
    await read(cache, c);
    expect((await readdir(dir)).sort()).toEqual([a, c].sort());
  });

  it("keeps a blob that is in use, whatever comes", async () => {
    const [a, b, c] = [await store(blob(1)), await store(blob(2)), await store(blob(3))];
    const cache = await open();
    await cache.withBlob(a, NEVER, async ({ path }) => {
      await read(cache, b);
      await read(cache, c);
      expect((await readFile(path)).equals(blob(1))).toBe(true);
    });
    await read(cache, b);
    expect(await readdir(dir)).not.toContain(a);
  });

  it("opens with what it had, without half files, in the order of last use", async () => {
    const [a, b, c] = [await store(blob(1)), await store(blob(2)), await store(blob(3))];
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, "5d1c.part"), "half");
    for (const [digest, fill, used_s] of [
      [a, 1, 2_000],
      [b, 2, 1_000],
    ] as const) {
      await writeFile(join(dir, digest), blob(fill));
      await utimes(join(dir, digest), used_s, used_s);
    }
    const cache = await open();
    await read(cache, c);
    expect(asked).toEqual([c]);
    expect((await readdir(dir)).sort()).toEqual([a, c].sort());
  });

  it("stops a download that nobody waits for any more, and only then", async () => {
    const digest = await store(blob(1));
    const signals: AbortSignal[] = [];
    const started = Promise.withResolvers<void>();
    const cache = await openBlobCache({
      dir,
      bytes_max: 250,
      download: (_, signal) => {
        signals.push(signal);
        started.resolve();
        return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      },
    });
    const [first, second] = [new AbortController(), new AbortController()];
    const waits = [first, second].map(({ signal }) =>
      cache.withBlob(digest, signal, async () => "here").catch((reason: unknown) => String(reason)),
    );
    await started.promise;
    first.abort("first lost");
    expect(await waits[0]).toBe("first lost");
    expect(signals.map((signal) => signal.aborted)).toEqual([false]);
    second.abort("second lost");
    expect(await waits[1]).toBe("second lost");
    expect(signals.map((signal) => signal.aborted)).toEqual([true]);
  });

  it("does not let a source that stalls hold up who asks another for the same blob, and keeps one of it", async () => {
    const digest = await store(blob(1));
    const cache = await open();
    const late = Promise.withResolvers<void>();
    const slow = read(
      cache.from(async () => {
        await late.promise;
        return halves(blob(1));
      }),
      digest,
    );
    await cache.withBlob(digest, NEVER, async () => {
      late.resolve();
      expect((await slow).equals(blob(1))).toBe(true);
    });
    expect(cache.bytes).toBe(100);
    expect(await readdir(dir)).toEqual([digest]);
  });

  it("asks again after a failure", async () => {
    const digest = await sha256(blob(1));
    const cache = await open();
    await expect(read(cache, digest)).rejects.toThrow("no such blob");
    await store(blob(1));
    expect((await read(cache, digest)).equals(blob(1))).toBe(true);
  });
});

async function* halves(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes.subarray(0, bytes.length / 2);
  yield bytes.subarray(bytes.length / 2);
}
