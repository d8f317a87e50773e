import { currentObject, nextEvent, passGate, type RunningObject, runAs } from "../current-object.ts";

type Frame =
  | { kind: "message"; data: string | ArrayBuffer }
  | { kind: "close"; code: number; reason: string };

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

/** Close code of a close frame without one (RFC 6455 section 7.4.1). */
const NO_CODE = 1005;

export class SocketCloseEvent extends Event {
  readonly code: number;
  readonly reason: string;
  readonly wasClean = true;

  constructor(code: number, reason: string) {
    super("close");
    this.code = code;
    this.reason = reason;
  }
}

/**
 * One end of a `WebSocketPair` of the Workers platform: what is sent at one end comes in at the other, in order, once that
 * has been accepted. Bytes come as ArrayBuffers. What an object sends leaves after what it wrote is on disk.
 */
export class SocketEnd extends EventTarget {
  binaryType: "arraybuffer" = "arraybuffer";
  readyState: 0 | 1 | 2 | 3 = CONNECTING;
  #peer: SocketEnd | null = null;
  #owner: RunningObject | null = null;
  #waiting: Frame[] = [];
  #sending: Promise<void> | null = null;

  /** Ties two ends to each other. */
  static pair(): [SocketEnd, SocketEnd] {
    const [one, other] = [new SocketEnd(), new SocketEnd()];
    one.#peer = other;
    other.#peer = one;
    return [one, other];
  }

  /** From now on what the other end sends comes in. The object that accepts stays in memory until the end. */
  accept(): void {
    if (this.readyState !== CONNECTING) return;
    this.readyState = OPEN;
    this.#owner = currentObject();
    this.#owner?.enter();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const frame of waiting) void this.#receive(frame);
  }

  send(data: string | ArrayBuffer | ArrayBufferView): void {
    if (this.readyState !== OPEN) throw new DOMException("the WebSocket is not open", "InvalidStateError");
    this.#leave({ kind: "message", data: typeof data === "string" ? data : copyOf(data) });
  }

  close(code = NO_CODE, reason = ""): void {
    if (this.readyState >= CLOSING) return;
    this.readyState = CLOSING;
    this.#leave({ kind: "close", code, reason });
  }

  #leave(frame: Frame): void {
    const peer = this.#peer;
    const go = (): void => {
      if (peer !== null) void peer.#receive(frame);
    };
    const committed = this.#owner?.committed() ?? null;
    if (committed === null && this.#sending === null) {
      go();
      return;
    }
    const sending = (this.#sending ?? Promise.resolve())
      .then(() => passGate(this.#owner))
      .then(go)
      .catch(() => undefined)
      .finally(() => {
        if (this.#sending === sending) this.#sending = null;
      });
    this.#sending = sending;
  }

  async #receive(frame: Frame): Promise<void> {
    if (this.readyState === CONNECTING) return void this.#waiting.push(frame);
    if (this.#owner !== null) await nextEvent();
    if (this.readyState === CLOSED) return;
    const owner = this.#owner;
    const tell = (): void => this.#tell(frame);
    if (owner === null) tell();
    else runAs(owner, tell);
  }

  #tell(frame: Frame): void {
    if (frame.kind === "message") {
      this.dispatchEvent(new MessageEvent("message", { data: frame.data }));
      return;
    }
    const isAnswer = this.readyState === CLOSING;
    this.readyState = CLOSED;
    // A close is answered by a close.
    if (!isAnswer) this.#leave(frame);
    this.dispatchEvent(new SocketCloseEvent(frame.code, frame.reason));
    this.#owner?.leave();
  }
}

function copyOf(data: ArrayBuffer | ArrayBufferView): ArrayBuffer {
  const view = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
  return new Uint8Array(new Uint8Array(view.buffer, view.byteOffset, view.byteLength)).buffer;
}

/** `WebSocketPair` of the Workers platform: its values are the client's end and the server's. */
export class WebSocketPair {
  readonly 0: SocketEnd;
  readonly 1: SocketEnd;

  constructor() {
    [this[0], this[1]] = SocketEnd.pair();
  }
}
