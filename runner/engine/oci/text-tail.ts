import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { lastLines } from "./container-cli.ts";

/** Reads a stream to its end and keeps the last of it, so that whoever writes without end is neither held up nor stored. */
export class TextTail {
  readonly #chars_max: number;
  #text = "";

  constructor(streams: readonly (Readable | null)[], chars_max: number) {
    this.#chars_max = chars_max;
    for (const stream of streams) {
      const decoder = new StringDecoder("utf8");
      stream?.on("error", () => undefined);
      stream?.on("data", (chunk: Buffer) => {
        this.#text = (this.#text + decoder.write(chunk)).slice(-2 * chars_max);
      });
    }
  }

  /** On one line. */
  read(): string {
    return lastLines(this.#text, this.#chars_max);
  }
}
