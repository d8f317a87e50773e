import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream, mkdirSync, rmSync } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { passGate } from "../current-object.ts";
import { streamOf } from "../web/stream-of.ts";

const SEGMENT = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;
const RANGE = /^bytes=(\d+)-(\d+)$/;

/** Half-written files, all of them useless after a start. */
const PARTS = ".parts";

/**
 * A folder by HTTP, as workerd's disk service has it: GET, HEAD and PUT of files. A PUT is written beside, is brought to the
 * disk, and takes its name then: under a name there is a whole file or none.
 */
export class DiskService {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    rmSync(join(folder, PARTS), { recursive: true, force: true });
    mkdirSync(join(folder, PARTS), { recursive: true });
  }

  async fetch(address: string, init: RequestInit = {}): Promise<Response> {
    await passGate();
    const segments = new URL(address).pathname.slice(1).split("/");
    if (!segments.every((segment) => SEGMENT.test(segment))) return new Response(null, { status: 400 });
    const path = join(this.#folder, ...segments);
    const headers = new Headers(init.headers);
    switch (init.method ?? "GET") {
      case "PUT":
        return this.#put(path, init.body);
      case "HEAD":
        return this.#get(path, null, false);
      case "GET":
        return this.#get(path, headers.get("Range"), true);
      default:
        return new Response(null, { status: 405 });
    }
  }

  async #put(path: string, body: RequestInit["body"]): Promise<Response> {
    if (!(body instanceof ReadableStream)) return new Response(null, { status: 400 });
    const part = join(this.#folder, PARTS, randomUUID());
    try {
      const file = createWriteStream(part, { flags: "wx", flush: true });
      await pipeline(Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]), file);
      await finished(file, { readable: false });
      mkdirSync(dirname(path), { recursive: true });
      await rename(part, path);
      await syncFolder(dirname(path));
      return new Response(null, { status: 204 });
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
  }

  async #get(path: string, range: string | null, isWanted: boolean): Promise<Response> {
    const found = await stat(path).catch(() => null);
    if (!found?.isFile()) return new Response(null, { status: 404 });
    const { size } = found;
    const [, from, to] = RANGE.exec(range ?? "") ?? [];
    if (from === undefined || to === undefined) {
      const body = isWanted ? read(path) : null;
      return new Response(body, { headers: { "Content-Length": String(size) } });
    }
    const [start, end] = [Number(from), Math.min(Number(to), size - 1)];
    if (start > end)
      return new Response(null, { status: 416, headers: { "Content-Range": `bytes */${size}` } });
    const headers = {
      "Content-Length": String(end - start + 1),
      "Content-Range": `bytes ${start}-${end}/${size}`,
    };
    return new Response(read(path, { start, end }), { status: 206, headers });
  }
}

const read = (path: string, range: { start?: number; end?: number } = {}): ReadableStream<Uint8Array> =>
  streamOf(createReadStream(path, range));

/** A new name is on the disk only when its folder is. Windows has no such thing. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
