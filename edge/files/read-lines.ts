import { LIMITS } from "@infernet/schemas/limits";

/** One line of a file. */
export interface FileLine {
  /** From 1. */
  number: number;
  /** Without its end; null when it is no UTF-8 or longer than a line may be. */
  text: string | null;
  /** Where the next line begins. */
  next: LinePlace;
}

/** The beginning of a line. */
export interface LinePlace {
  number: number;
  /** In bytes. */
  offset: number;
}

export const FIRST_LINE: LinePlace = { number: 1, offset: 0 };

const NEWLINE = 10;

/**
 * Lines of UTF-8 text that streams in from the beginning of a line. One line at most is held, and of one that is too long
 * no more than may be.
 */
export async function* readLines(
  bytes: AsyncIterable<Uint8Array>,
  from: LinePlace = FIRST_LINE,
  line_bytes_max: number = LIMITS.batch_line_bytes_max,
): AsyncGenerator<FileLine> {
  let { number, offset } = from;
  let held: Uint8Array[] = [];
  let held_bytes = 0;
  const hold = (part: Uint8Array): void => {
    held_bytes += part.byteLength;
    if (held_bytes <= line_bytes_max) held.push(part);
  };
  const end = (): FileLine => {
    const text = held_bytes <= line_bytes_max ? decodeLine(held, number) : null;
    held = [];
    held_bytes = 0;
    number += 1;
    return { number: number - 1, text, next: { number, offset } };
  };
  for await (const chunk of bytes) {
    let start = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, start)) {
      hold(chunk.subarray(start, at));
      offset += at + 1 - start;
      start = at + 1;
      yield end();
    }
    // What is held on to is copied: chunks may be views of large buffers.
    hold(chunk.slice(start));
    offset += chunk.byteLength - start;
  }
  if (held_bytes > 0) yield end();
}

function decodeLine(parts: readonly Uint8Array[], number: number): string | null {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: number !== 1 });
  try {
    const text = parts.map((part) => decoder.decode(part, { stream: true })).join("") + decoder.decode();
    return text.endsWith("\r") ? text.slice(0, -1) : text;
  } catch {
    return null;
  }
}
