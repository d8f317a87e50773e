import { decodeBinary, encodeBinary } from "@infernet/schemas/binary";
import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { type StreamDown, StreamUp } from "@infernet/schemas/llm/stream-message";

/** Names the runner of a connection from the Worker to the object. */
export const RUNNER_HEADER = "Infernet-Runner";

/** WebSocket close codes (RFC 6455 section 7.4.1). */
const CLOSE = { replaced: 1000, malformed: 1007, useless: 1008, too_big: 1009 } as const;

interface Listener {
  /** Messages of one runner come in the order that it sent them. False: nothing in one was about a lease that it holds. */
  take: (runner: RunnerId, up: StreamUp) => boolean;
  closed: (runner: RunnerId) => void;
}

/** The connections on which runners send tokens, one for each runner: a new one takes the place of the old. */
export class RunnerChannels {
  readonly #sockets = new Map<RunnerId, WebSocket>();
  readonly #listener: Listener;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  /** @param socket the server's end of a pair, not accepted yet */
  add(runner: RunnerId, socket: WebSocket): void {
    const before = this.#sockets.get(runner);
    this.#sockets.set(runner, socket);
    before?.close(CLOSE.replaced, "another connection of this runner took its place");
    // A Blob, which workerd hands over else, would have to be waited for: messages would be taken out of their order.
    socket.binaryType = "arraybuffer";
    socket.accept();
    const leave = (): void => {
      if (this.#sockets.get(runner) !== socket) return;
      this.#sockets.delete(runner);
      this.#listener.closed(runner);
    };
    let useless = 0;
    socket.addEventListener("message", ({ data }) => {
      useless = this.#read(runner, socket, data) ? 0 : useless + 1;
      // Anybody can make a key and connect: who has no lease here is not listened to for long.
      if (useless > LIMITS.stream_useless_max) socket.close(CLOSE.useless, "no lease of this runner is here");
    });
    socket.addEventListener("close", leave);
    socket.addEventListener("error", leave);
  }

  /** Tells a runner something, if it is connected. */
  send(runner: RunnerId, down: StreamDown): void {
    if (down.kept.length === 0 && down.resend.length === 0 && down.ended.length === 0) return;
    try {
      this.#sockets.get(runner)?.send(encodeBinary(down));
    } catch {
      // It is closing: its runner connects anew and is told then.
    }
  }

  #read(runner: RunnerId, socket: WebSocket, data: unknown): boolean {
    const up = parse(data);
    if (typeof up !== "number") return this.#listener.take(runner, up);
    socket.close(up, "not a StreamUp in CBOR, within its limits");
    return false;
  }
}

/** A message; the code to close the connection with where it is none. */
function parse(data: unknown): StreamUp | number {
  if (!(data instanceof ArrayBuffer)) return CLOSE.malformed;
  if (data.byteLength > LIMITS.submission_bytes_max) return CLOSE.too_big;
  try {
    return StreamUp.parse(decodeBinary(new Uint8Array(data)));
  } catch {
    return CLOSE.malformed;
  }
}
