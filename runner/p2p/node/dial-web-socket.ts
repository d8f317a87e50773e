import { once } from "node:events";
import { LIMITS } from "@infernet/schemas/limits";
import type { Multiaddr } from "@multiformats/multiaddr";
import { WebSocket } from "ws";

/**
 * A connected WebSocket to a peer. The one of the platform takes frames of two gigabytes, and is missing from Node 20. Rejects when
 * there is none, or the signal ends it.
 */
export async function dialWebSocket(address: Multiaddr, signal?: AbortSignal): Promise<WebSocket> {
  signal?.throwIfAborted();
  const socket = new WebSocket(uriOf(address), {
    maxPayload: LIMITS.peer_frame_bytes_max,
    handshakeTimeout: LIMITS.peer_handshake_ms_max,
    perMessageDeflate: false,
  });
  socket.binaryType = "arraybuffer";
  // A frame that is none closes it; without this it would end the process.
  socket.on("error", () => undefined);
  try {
    await once(socket, "open", signal === undefined ? {} : { signal });
    return socket;
  } catch (error) {
    socket.terminate();
    throw error;
  }
}

/** `/ip4/203.0.113.7/tcp/4802/ws` is `ws://203.0.113.7:4802`; with TLS it is `wss:`. */
function uriOf(address: Multiaddr): string {
  const parts = address.getComponents();
  const partOf = (name: string): string | undefined => parts.find((part) => part.name === name)?.value;
  const [first] = parts;
  const host = first?.name === "ip6" ? `[${first.value}]` : first?.value;
  const isSecret = parts.some(({ name }) => name === "tls" || name === "wss");
  return `${isSecret ? "wss" : "ws"}://${partOf("sni") ?? host}:${partOf("tcp")}`;
}
