/**
 * What libp2p's parts for browsers expect and workerd lacks: `BroadcastChannel`, which a lock of the peer store asks for, and
 * `WebSocket.bufferedAmount`, without which a stream waits for ever for its bytes to be gone.
 */
class SilentChannel extends EventTarget {
  postMessage(): void {}
  close(): void {}
}

Object.assign(globalThis, { BroadcastChannel: SilentChannel });
if (!("bufferedAmount" in WebSocket.prototype))
  Object.defineProperty(WebSocket.prototype, "bufferedAmount", { get: () => 0 });
