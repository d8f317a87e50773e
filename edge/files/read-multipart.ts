import { InfernetError } from "@infernet/schemas/errors";
import { LIMITS } from "@infernet/schemas/limits";

/** What a form consists of, in order: bytes belong to the part named last. */
export type MultipartEvent =
  | { kind: "part"; name: string; filename: string | null }
  | { kind: "bytes"; bytes: Uint8Array };

const LINE_BREAK = bytesOf("\r\n");
const BLANK_LINE = bytesOf("\r\n\r\n");
const DASHES = bytesOf("--");

/** The boundary that a `Content-Type: multipart/form-data` names. Throws `unsupported_media_type`. */
export function boundaryOf(contentType: string | undefined): string {
  const match = /^multipart\/form-data\s*;.*?boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(
    contentType ?? "",
  );
  const boundary = match?.[1] ?? match?.[2];
  if (boundary !== undefined) return boundary;
  throw new InfernetError("unsupported_media_type", "This route takes multipart/form-data with a boundary.");
}

/**
 * Reads a form (RFC 7578) as it streams in: no more of it than a chunk and a header is held. Throws `request_malformed`
 * when it is none, or ends too early.
 */
export async function* readMultipart(
  body: AsyncIterable<Uint8Array>,
  boundary: string,
): AsyncGenerator<MultipartEvent> {
  // As if a line had ended before the first boundary: all of them look alike then.
  const source = new Source(body, LINE_BREAK);
  const delimiter = bytesOf(`\r\n--${boundary}`);
  for await (const _ of source.until(delimiter));
  while (await source.continues()) {
    yield parseHeader(await source.header());
    for await (const bytes of source.until(delimiter)) yield { kind: "bytes", bytes };
  }
}

/** Bytes that stream in, with what has been read of them too early. */
class Source {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #held: Uint8Array;

  constructor(body: AsyncIterable<Uint8Array>, before: Uint8Array) {
    this.#chunks = body[Symbol.asyncIterator]();
    this.#held = before;
  }

  /** All bytes before the delimiter, which is passed over. */
  async *until(delimiter: Uint8Array): AsyncGenerator<Uint8Array> {
    for (;;) {
      const at = indexOf(this.#held, delimiter);
      const end = at < 0 ? this.#held.byteLength - delimiter.byteLength + 1 : at;
      if (end > 0) yield this.#held.subarray(0, end);
      if (at >= 0) {
        this.#held = this.#held.subarray(at + delimiter.byteLength);
        return;
      }
      this.#held = this.#held.subarray(Math.max(0, end));
      await this.#more();
    }
  }

  /** Whether another part follows on the boundary that was passed just now. */
  async continues(): Promise<boolean> {
    while (this.#held.byteLength < 2) await this.#more();
    if (indexOf(this.#held.subarray(0, 2), DASHES) === 0) return false;
    if (indexOf(this.#held.subarray(0, 2), LINE_BREAK) === 0) return true;
    throw malformed("a boundary is followed by neither a line nor the end");
  }

  /** A part's header, from the line break after the boundary to the blank line. */
  async header(): Promise<string> {
    for (;;) {
      const at = indexOf(this.#held, BLANK_LINE);
      if (at >= 0) {
        const text = new TextDecoder().decode(this.#held.subarray(0, at));
        this.#held = this.#held.subarray(at + BLANK_LINE.byteLength);
        return text;
      }
      if (this.#held.byteLength > LIMITS.form_field_bytes_max)
        throw malformed(`a part's header has more than ${LIMITS.form_field_bytes_max} bytes`);
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#chunks.next();
    if (done === true) throw malformed("it ends before its last boundary");
    this.#held = this.#held.byteLength === 0 ? value : joined(this.#held, value);
  }
}

function parseHeader(header: string): MultipartEvent {
  const disposition = /^content-disposition:\s*form-data\s*;(.*)$/im.exec(header)?.[1] ?? "";
  const name = parameter(disposition, "name");
  if (name === null) throw malformed("a part has no name");
  return { kind: "part", name, filename: parameter(disposition, "filename") };
}

/** Clients write quotes and line breaks in names as %22, %0D and %0A (the URL standard's form encoding). */
function parameter(disposition: string, name: string): string | null {
  const value = new RegExp(`(?:^|;)\\s*${name}=(?:"([^"]*)"|([^;\\s]+))`, "i").exec(disposition);
  const text = value?.[1] ?? value?.[2];
  return text?.replaceAll("%22", '"').replaceAll("%0D", "\r").replaceAll("%0A", "\n") ?? null;
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array): number {
  const [first = 0] = wanted;
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (at + wanted.byteLength > bytes.byteLength) return -1;
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.byteLength + b.byteLength);
  both.set(a);
  both.set(b, a.byteLength);
  return both;
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

const malformed = (why: string): InfernetError =>
  new InfernetError("request_malformed", `The body is not the form that its Content-Type says: ${why}`);
