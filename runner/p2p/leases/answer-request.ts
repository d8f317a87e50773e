import { isBlobUpload, isLeaseRoute } from "@infernet/protocol/peers/lease-routes";
import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { LeaseAnswerHead, LeaseRequestHead } from "@infernet/schemas/peer/lease-frame";
import type { MessageStream } from "../stream/message-stream.ts";
import { PeerFault } from "../stream/peer-fault.ts";
import { receivePieces, receiveWhole, sendEnd, sendPieces } from "./body-pieces.ts";
import { signerOf } from "./signer-of.ts";

/** The aggregator's HTTP API, in this process. */
export type HandleRequest = (request: Request) => Promise<Response>;

export interface AnswerOptions {
  handle: HandleRequest;
  /** Waits until a large body may be read; resolves to what is called when it has been. */
  enter(signal: AbortSignal): Promise<() => void>;
  /** Ends when the stream does. */
  signal: AbortSignal;
}

/** Only its path counts: the requests of peers come from nowhere in particular. */
const ORIGIN = "http://aggregator";

/**
 * Answers one request of a peer, as the aggregator answers it over HTTP. Rejects with `PeerFault` where the peer asks for what it may
 * not, or in the name of another: its stream is reset then.
 */
export async function answerRequest(
  messages: MessageStream,
  from: RunnerId,
  head: LeaseRequestHead,
  options: AnswerOptions,
): Promise<void> {
  const { method, path, headers } = head;
  if (!isLeaseRoute(head, from)) throw new PeerFault("refused", `${method} ${path} is not answered to peers`);
  if (signerOf(headers["signature-input"]) !== from)
    throw new PeerFault("refused", "the peer that sends a request must be the one that signed it");
  const { body, discard } = await openBody(messages, head, options);
  const request = new Request(`${ORIGIN}${path}`, {
    method,
    headers,
    body,
    signal: options.signal,
    ...(body instanceof ReadableStream ? { duplex: "half" } : {}),
  });
  const response = await options.handle(request);
  // What nobody has read would be taken for the next request.
  await discard();
  await sendAnswer(messages, response);
}

interface OpenBody {
  body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null;
  discard(): Promise<void>;
}

const nothing = async (): Promise<void> => undefined;

async function openBody(
  messages: MessageStream,
  head: LeaseRequestHead,
  { enter, signal }: AnswerOptions,
): Promise<OpenBody> {
  const { body_bytes } = head;
  if (body_bytes === 0) return { body: null, discard: nothing };
  if (isBlobUpload(head))
    return streamBody(receivePieces(messages, body_bytes, LIMITS.runner_blob_timeout_ms));
  if (body_bytes > LIMITS.submission_bytes_max)
    throw new PeerFault("oversized", `a body of ${body_bytes} bytes; at most ${LIMITS.submission_bytes_max}`);
  if (body_bytes <= LIMITS.lease_body_bytes_small)
    return { body: await receiveWhole(messages, body_bytes, LIMITS.lease_body_ms_max), discard: nothing };
  const leave = await enter(signal);
  try {
    return { body: await receiveWhole(messages, body_bytes, LIMITS.lease_body_ms_max), discard: nothing };
  } finally {
    leave();
  }
}

function streamBody(pieces: AsyncGenerator<Uint8Array<ArrayBuffer>>): OpenBody {
  const body = new ReadableStream<Uint8Array>({
    pull: async (control) => {
      const { done, value } = await pieces.next();
      if (done) control.close();
      else control.enqueue(value);
    },
  });
  return {
    body,
    discard: async () => {
      for await (const _ of pieces);
    },
  };
}

async function sendAnswer(messages: MessageStream, response: Response): Promise<void> {
  const { status } = response;
  const reader = response.body?.getReader() ?? null;
  const told = (name: "content-type" | "retry-after"): Partial<LeaseAnswerHead["headers"]> => {
    const value = response.headers.get(name);
    return value === null ? {} : { [name]: value.slice(0, LIMITS.lease_header_chars_max) };
  };
  const headers = { ...told("content-type"), ...told("retry-after") };
  try {
    const start = await readStart(reader);
    const head: LeaseAnswerHead = { status, headers, body_bytes: start.isWhole ? start.bytes.length : null };
    await messages.send(head);
    await sendPieces(messages, start.bytes);
    if (start.isWhole) return;
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
      if (done) break;
      await sendPieces(messages, value);
    }
    await sendEnd(messages);
  } finally {
    await reader?.cancel().catch(() => undefined);
  }
}

/** As much as fits in a piece: most answers are over by then, and their length is known. */
async function readStart(
  reader: ReadableStreamDefaultReader<Uint8Array> | null,
): Promise<{ bytes: Uint8Array; isWhole: boolean }> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  while (reader !== null && bytes < LIMITS.lease_piece_bytes_max) {
    const { done, value } = await reader.read();
    if (done) return { bytes: Buffer.concat(parts), isWhole: true };
    parts.push(value);
    bytes += value.length;
  }
  return { bytes: Buffer.concat(parts), isWhole: reader === null };
}
