import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";

/**
 * An HTTP request as the Worker takes it.
 *
 * @param origin what a request that names no host was sent to
 * @param signal aborted when the client goes away before it is answered
 */
export function readRequest(message: IncomingMessage, origin: string, signal: AbortSignal): Request {
  const { method = "GET", rawHeaders } = message;
  const headers = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i] ?? "", rawHeaders[i + 1] ?? "");
  const host = headers.get("Host");
  const url = new URL(message.url ?? "/", host === null ? origin : `http://${host}`);
  const hasBody = method !== "GET" && method !== "HEAD";
  return new Request(url, {
    method,
    headers,
    signal,
    ...(hasBody ? { body: Readable.toWeb(message) as ReadableStream<Uint8Array>, duplex: "half" } : {}),
  });
}
