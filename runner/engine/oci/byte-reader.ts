import type { Readable } from "node:stream";
import type { Bytes } from "@infernet/schemas/digest";
import { FrameBroken, quote } from "./frame.ts";

/** The stream ended where more was due: how its process ended says why. */
export class StreamEnded extends Error {}

const NEWLINE = 0x0a;

/**
 * Reads lines and runs of bytes from a stream, in turn, and no more of it than was asked for: what a container prints
 * beyond that waits in the pipe and holds the container up.
 */
export class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: Readable) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** A line without its end, of at most `bytes_max` bytes. Throws `FrameBroken` where there is none. */
  async readLine(bytes_max: number): Promise<string> {
    let searched = 0;
    for (;;) {
      const end = this.#rest.indexOf(NEWLINE, searched);
      if (end >= 0 && end <= bytes_max) {
        const line = this.#rest.subarray(0, end).toString("utf8");
        this.#rest = this.#rest.subarray(end + 1);
        return line;
      }
      if (this.#rest.length > bytes_max) {
        const seen = this.#rest.subarray(0, bytes_max).toString("utf8");
        throw new FrameBroken(`the container printed ${bytes_max} bytes without a line: ${quote(seen)}`);
      }
      searched = this.#rest.length;
      this.#rest = Buffer.concat([this.#rest, await this.#next()]);
    }
  }

  async readBytes(count: number): Promise<Bytes> {
    const bytes = new Uint8Array(count);
    for (let filled = 0; filled < count; ) {
      if (this.#rest.length === 0) this.#rest = await this.#next();
      const part = this.#rest.subarray(0, count - filled);
      bytes.set(part, filled);
      filled += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return bytes;
  }

  async #next(): Promise<Buffer> {
    const { done, value } = await this.#chunks.next().catch(() => ({ done: true, value: undefined }));
    if (done || value === undefined) throw new StreamEnded("the stream ended");
    return value;
  }
}
