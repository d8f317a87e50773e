import { LIMITS } from "@infernet/schemas/limits";
import type { MessageStream } from "../stream/message-stream.ts";
import { PeerFault } from "../stream/peer-fault.ts";

const PIECE_BYTES = LIMITS.lease_piece_bytes_max;

/** Sends bytes in pieces. */
export async function sendPieces(messages: MessageStream, bytes: Uint8Array): Promise<void> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES)
    await messages.sendBytes(bytes.subarray(start, start + PIECE_BYTES));
}

/** Says that nothing follows, where the length was not said before. */
export const sendEnd = (messages: MessageStream): Promise<void> => messages.sendBytes(new Uint8Array());

/**
 * A body as it comes.
 *
 * @param body_bytes null: it ends with a piece of no bytes
 * @param whole_ms how long all of it may take
 * @param bytes_max of all of it
 * @throws PeerFault when more comes than was said, or than may come at most, and as `MessageStream.receive` does
 */
export async function* receivePieces(
  messages: MessageStream,
  body_bytes: number | null,
  whole_ms: number,
  bytes_max: number = LIMITS.blob_bytes_max,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const most = Math.min(body_bytes ?? bytes_max, bytes_max);
  const until_ms = performance.now() + whole_ms;
  let bytes = 0;
  while (body_bytes === null || bytes < body_bytes) {
    const left_ms = until_ms - performance.now();
    if (left_ms <= 0) throw new PeerFault("slow", `the peer took more than ${whole_ms} ms over a body`);
    const piece = await messages.receiveBytes(Math.min(left_ms, LIMITS.peer_message_ms_max));
    if (piece.length === 0 && body_bytes === null) return;
    bytes += piece.length;
    if (bytes > most) throw new PeerFault("oversized", `the peer sent more than ${most} bytes of a body`);
    if (piece.length === 0) throw new PeerFault("malformed", "the peer sent a piece of no bytes");
    yield piece;
  }
}

/** All of a body that is known to be small. */
export async function receiveWhole(
  messages: MessageStream,
  body_bytes: number,
  whole_ms: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const whole = new Uint8Array(body_bytes);
  let at = 0;
  for await (const piece of receivePieces(messages, body_bytes, whole_ms)) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
