import type { Sha256 } from "@infernet/schemas/digest";
import type { BlobStore, ByteRange, StoredBlob } from "./blob-store.ts";

/**
 * Blobs in a folder, through workerd's disk service: a PUT goes to a temporary file that takes its name once the body
 * has come to its end.
 */
export class DiskBlobStore implements BlobStore {
  readonly #disk: Fetcher;

  constructor(disk: Fetcher) {
    this.#disk = disk;
  }

  async put(sha256: Sha256, body: ReadableStream<Uint8Array>, bytes: number): Promise<void> {
    const { readable, writable } = new FixedLengthStream(bytes);
    const [, response] = await Promise.all([
      body.pipeTo(writable),
      this.#disk.fetch(addressOf(sha256), { method: "PUT", body: readable }),
    ]);
    if (!response.ok) throw new Error(`the disk service answered ${response.status} to the PUT of ${sha256}`);
  }

  async get(sha256: Sha256, range?: ByteRange): Promise<StoredBlob | null> {
    const headers = range ? { Range: `bytes=${range.start}-${range.start + range.length - 1}` } : {};
    const response = await this.#disk.fetch(addressOf(sha256), { headers });
    if (response.status === 404) return null;
    if (!response.ok || !response.body) {
      throw new Error(`the disk service answered ${response.status} to the GET of ${sha256}`);
    }
    const size =
      response.headers.get("Content-Range")?.split("/")[1] ?? response.headers.get("Content-Length");
    return { bytes: Number(size), body: response.body };
  }

  async head(sha256: Sha256): Promise<{ bytes: number } | null> {
    const response = await this.#disk.fetch(addressOf(sha256), { method: "HEAD" });
    if (response.status === 404) return null;
    if (!response.ok)
      throw new Error(`the disk service answered ${response.status} to the HEAD of ${sha256}`);
    return { bytes: Number(response.headers.get("Content-Length")) };
  }
}

/** 256 folders, so that none grows too large to list. */
const addressOf = (sha256: Sha256): string => `http://disk/${sha256.slice(0, 2)}/${sha256}`;
