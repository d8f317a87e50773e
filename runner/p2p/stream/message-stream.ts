import { decodeBinary, encodeBinary } from "@infernet/schemas/binary";
import { LIMITS } from "@infernet/schemas/limits";
import type { Stream } from "@libp2p/interface";
import { lpStream } from "@libp2p/utils";
import type { z } from "zod";
import { asError } from "../../as-error.ts";
import { PeerFault } from "./peer-fault.ts";

export interface MessageStreamOptions {
  /** Of one message. */
  bytes_max?: number;
  /** How long the other side may let a message be waited for, or take to read one. */
  timeout_ms?: number;
  /** Ends every wait. */
  signal?: AbortSignal;
}

/**
 * Messages on a stream of libp2p: each an unsigned varint of its length (multiformats) and then either CBOR (RFC 8949), as
 * `schemas/binary.ts` has it, or raw bytes, whichever the protocol says comes next.
 */
export interface MessageStream {
  send(message: unknown): Promise<void>;
  sendBytes(bytes: Uint8Array): Promise<void>;
  /** The next message. Rejects with `PeerFault` when it does not come in time, is too long or is no such message. */
  receive<T>(schema: z.ZodType<T>, timeout_ms?: number): Promise<T>;
  /** @param take memory for so many bytes, where it is not to be new */
  receiveBytes(
    timeout_ms?: number,
    take?: (bytes: number) => Uint8Array<ArrayBuffer>,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** Sends no more; what was sent arrives. */
  close(): Promise<void>;
  abort(reason: Error): void;
}

export function openMessages(stream: Stream, options: MessageStreamOptions = {}): MessageStream {
  const { bytes_max = LIMITS.peer_message_bytes_max, timeout_ms = LIMITS.peer_message_ms_max } = options;
  // What a hostile peer sends unasked is held up to one message more, and then its stream is reset.
  const messages = lpStream(stream, { maxDataLength: bytes_max, maxBufferSize: 2 * bytes_max + 1024 });

  const within = (ms: number): AbortSignal => {
    const limit = AbortSignal.timeout(ms);
    return options.signal === undefined ? limit : AbortSignal.any([options.signal, limit]);
  };
  const guarded = async <T>(work: (signal: AbortSignal) => Promise<T>, ms: number): Promise<T> => {
    const signal = within(ms);
    try {
      return await work(signal);
    } catch (error) {
      options.signal?.throwIfAborted();
      const fault = error instanceof PeerFault ? error : PeerFault.from(error, signal.aborted);
      stream.abort(fault);
      throw fault;
    }
  };
  const read = async (ms: number, take = newBytes): Promise<Uint8Array<ArrayBuffer>> =>
    guarded(async (signal) => joined(await messages.read({ signal }), take), ms);

  return {
    send: (message) => guarded((signal) => messages.write(encodeBinary(message), { signal }), timeout_ms),
    sendBytes: (bytes) => guarded((signal) => messages.write(bytes, { signal }), timeout_ms),
    receiveBytes: (ms = timeout_ms, take) => read(ms, take),
    receive: async (schema, ms = timeout_ms) => {
      const bytes = await read(ms);
      return guarded(async () => parse(bytes, schema), ms);
    },
    close: () =>
      stream.close({ signal: within(timeout_ms) }).catch((error: unknown) => stream.abort(asError(error))),
    abort: (reason) => stream.abort(reason),
  };
}

const newBytes = (bytes: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer);

/** One copy, and no more: a message may be a megabyte. */
function joined(
  pieces: Iterable<Uint8Array> & { byteLength: number },
  take: (bytes: number) => Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const bytes = take(pieces.byteLength);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function parse<T>(bytes: Uint8Array, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = decodeBinary(bytes);
  } catch {
    throw new PeerFault("malformed", "the peer sent a message that is no CBOR");
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new PeerFault(
    "malformed",
    `the peer's message does not fit at /${issue?.path.join("/")}: ${issue?.message}`,
  );
}
