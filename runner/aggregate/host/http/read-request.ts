import type { IncomingMessage } from "node:http";

/** Methods that the Fetch standard has no requests of. */
const UNKNOWN = new Set(["CONNECT", "TRACE", "TRACK"]);

/**
 * An HTTP request as the Worker takes it; null where no such request can be, as with a Host that is no host.
 *
 * @param body of a method that has one
 * @param origin what a request that names no host was sent to
 * @param signal aborted when the client goes away before it is answered
 */
export function readRequest(
  message: IncomingMessage,
  body: ReadableStream<Uint8Array>,
  origin: string,
  signal: AbortSignal,
): Request | null {
  const { method = "GET", rawHeaders } = message;
  const headers = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i] ?? "", rawHeaders[i + 1] ?? "");
  const host = headers.get("Host");
  const url = URL.parse(message.url ?? "/", host === null ? origin : `http://${host}`);
  if (url === null || !/^https?:$/.test(url.protocol) || UNKNOWN.has(method)) return null;
  const hasBody = method !== "GET" && method !== "HEAD";
  return new Request(url, {
    method,
    headers,
    signal,
    ...(hasBody ? { body, duplex: "half" } : {}),
  });
}
