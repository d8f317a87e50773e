import type { IncomingMessage } from "node:http";

/** Bytes of a request: Agave's own default limit. */
export const BODY_BYTES_MAX = 50 * 1024;

/** The body as text, null when it is longer than allowed: then it is read on, unkept, so that its sender hears of it. */
export async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const piece = Buffer.from(chunk);
    bytes += piece.length;
    if (bytes <= BODY_BYTES_MAX) chunks.push(piece);
  }
  return bytes <= BODY_BYTES_MAX ? Buffer.concat(chunks).toString("utf8") : null;
}
