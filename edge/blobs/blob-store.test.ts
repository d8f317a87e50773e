import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { type Bytes, sha256 } from "@infernet/schemas/digest";
import { InfernetError } from "@infernet/schemas/errors";
import { LIMITS } from "@infernet/schemas/limits";
import { afterEach, describe, expect, test } from "vitest";
import type { BlobStore } from "./blob-store.ts";
import { DiskBlobStore } from "./disk-blob-store.ts";
import { R2BlobStore } from "./r2-blob-store.ts";
import { readBlob } from "./read-blob.ts";
import { storeBlob } from "./store-blob.ts";
import { storeUpload } from "./store-upload.ts";

afterEach(reset);

const disk = env.DISK;
if (!disk) throw new Error("the test runtime has a disk service");

const streamOf = (...chunks: Bytes[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });

/** Bytes that no earlier run has stored: the disk outlives a test. */
const randomBytes = (bytes: number): Bytes => {
  const filled = new Uint8Array(bytes);
  for (let i = 0; i < bytes; i += 65_536)
    crypto.getRandomValues(filled.subarray(i, Math.min(bytes, i + 65_536)));
  return filled;
};

const codeOf = async (run: Promise<unknown>): Promise<string> => {
  const error = await run.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof InfernetError) return error.code;
  throw new Error(`expected a catalogued failure, not ${String(error)}`);
};

describe.each<[string, BlobStore]>([
  ["R2", new R2BlobStore(env.BLOBS)],
  ["the disk service", new DiskBlobStore(disk)],
])("a blob store on %s", (_, store) => {
  test("keeps an upload and gives it back", async () => {
    const bytes = randomBytes(200_000);
    const digest = await sha256(bytes);
    const upload = () =>
      storeUpload(store, digest, streamOf(bytes.slice(0, 150_000), bytes.slice(150_000)), 200_000);
    expect(await store.head(digest)).toBeNull();
    expect(await upload()).toBe("created");
    expect(await store.head(digest)).toEqual({ bytes: 200_000 });
    expect(await readBlob(store, digest)).toEqual(bytes);
    expect(await upload()).toBe("existing");
  });

  test("gives a part of a blob, with the size of the whole", async () => {
    const bytes = randomBytes(1000);
    const digest = await sha256(bytes);
    await storeBlob(store, digest, bytes);
    const part = await store.get(digest, { start: 10, length: 5 });
    expect(part?.bytes).toBe(1000);
    expect(new Uint8Array(await new Response(part?.body).arrayBuffer())).toEqual(bytes.slice(10, 15));
  });

  test("keeps a blob of no bytes", async () => {
    const digest = await sha256(new Uint8Array(0));
    await storeBlob(store, digest, new Uint8Array(0));
    expect(await store.head(digest)).toEqual({ bytes: 0 });
    expect(await readBlob(store, digest)).toHaveLength(0);
  });

  test("has nothing under a digest that nobody stored", async () => {
    const digest = await sha256(randomBytes(32));
    expect(await store.head(digest)).toBeNull();
    expect(await store.get(digest)).toBeNull();
    expect(await codeOf(readBlob(store, digest))).toBe("not_found");
  });

  test("stores nothing of an upload with other bytes than its digest says", async () => {
    const bytes = randomBytes(100_000);
    const digest = await sha256(bytes);
    const tampered = bytes.slice();
    tampered[99_999] = (tampered[99_999] ?? 0) ^ 1;
    const upload = storeUpload(
      store,
      digest,
      streamOf(tampered.slice(0, 60_000), tampered.slice(60_000)),
      100_000,
    );
    expect(await codeOf(upload)).toBe("digest_mismatch");
    expect(await store.head(digest)).toBeNull();
  });

  test("stores nothing of an upload that ends early, runs over or breaks off", async () => {
    const bytes = randomBytes(50_000);
    const digest = await sha256(bytes);
    expect(await codeOf(storeUpload(store, digest, streamOf(bytes.slice(0, 40_000)), 50_000))).toBe(
      "request_malformed",
    );
    expect(await codeOf(storeUpload(store, digest, streamOf(bytes, bytes), 50_000))).toBe("body_too_large");
    const broken = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(bytes.slice(0, 10_000));
        controller.error(new Error("the client went away"));
      },
    });
    await expect(storeUpload(store, digest, broken, 50_000)).rejects.toThrow("the client went away");
    expect(await store.head(digest)).toBeNull();
  });

  test("refuses a blob over the limit before it reads it", async () => {
    const digest = await sha256(randomBytes(32));
    const upload = storeUpload(store, digest, streamOf(), LIMITS.blob_bytes_max + 1);
    expect(await codeOf(upload)).toBe("body_too_large");
  });

  test("takes the same upload twice at once", async () => {
    const bytes = randomBytes(100_000);
    const digest = await sha256(bytes);
    await Promise.all([1, 2].map(() => storeUpload(store, digest, streamOf(bytes), 100_000)));
    expect(await readBlob(store, digest)).toEqual(bytes);
  });
});
