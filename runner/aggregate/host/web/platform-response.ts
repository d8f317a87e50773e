import type { SocketEnd } from "./web-socket-pair.ts";

interface PlatformInit extends ResponseInit {
  webSocket?: SocketEnd | null;
}

const SWITCHING = 101;
const NodeResponse = globalThis.Response;

/** `Response` of the Workers platform: one with status 101 carries a WebSocket, which Node's own refuses. */
export class PlatformResponse extends NodeResponse {
  readonly webSocket: SocketEnd | null;

  constructor(body?: ConstructorParameters<typeof Response>[0], init: PlatformInit = {}) {
    const isSwitching = init.status === SWITCHING;
    super(body, isSwitching ? { headers: init.headers ?? {} } : init);
    this.webSocket = init.webSocket ?? null;
    if (isSwitching) Object.defineProperty(this, "status", { value: SWITCHING });
  }

  /** What `fetch` answers is one too. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof NodeResponse;
  }
}
