import type { EventEmitter } from "node:events";
import { Server } from "node:net";
import type { Duplex } from "node:stream";
import { LIMITS } from "@infernet/schemas/limits";
import type { AbortOptions, Listener, Transport } from "@libp2p/interface";
import { webSockets } from "@libp2p/websockets";
import type { Multiaddr } from "@multiformats/multiaddr";
import { dialWebSocket } from "./dial-web-socket.ts";

/**
 * The WebSocket transport, safe to listen and to dial with. As the library has it, a frame that is none is an `error` event that nobody listens
 * for, which ends the process; a frame may be 100 MiB long; and a socket that says nothing is kept for ever.
 */
export const guardedWebSockets =
  (): ReturnType<typeof webSockets> =>
  (components): Transport => {
    const head_ms = LIMITS.peer_handshake_ms_max;
    const transport = webSockets({
      http: { headersTimeout: head_ms, requestTimeout: head_ms, maxHeaderSize: 8 * 1024 },
    })(components);
    // Of another version of the library nobody knows whether it is safe.
    if (typeof Reflect.get(transport, "_connect") !== "function")
      throw new Error("the WebSocket transport of libp2p is not the one that this was written for");
    Reflect.set(transport, "_connect", (address: Multiaddr, { signal }: AbortOptions) =>
      dialWebSocket(address, signal),
    );
    const createListener = transport.createListener.bind(transport);
    transport.createListener = (options) => guardListener(createListener(options));
    return transport;
  };

/** What of the library's listener is meddled with. */
interface Inside {
  server: Server;
  wsServer: {
    options: { maxPayload?: number };
    handleUpgrade(
      request: unknown,
      socket: Duplex,
      head: Buffer,
      done: (webSocket: EventEmitter & { terminate(): void }, request: unknown) => void,
    ): void;
  };
}

function guardListener(listener: Listener): Listener {
  // Of another version of the library nobody knows whether it is safe.
  if (!hasInside(listener))
    throw new Error("the WebSocket listener of libp2p is not the one that this was written for");
  const { server, wsServer } = listener;
  const waiting = new Map<Duplex, NodeJS.Timeout>();

  const admit = (socket: Duplex): void => {
    clearTimeout(waiting.get(socket));
    waiting.delete(socket);
  };

  server.maxConnections = LIMITS.peer_connections_max;
  server.on("connection", (socket) => {
    waiting.set(socket, setTimeout(() => socket.destroy(), LIMITS.peer_handshake_ms_max).unref());
    socket.on("close", () => admit(socket));
    socket.on("error", () => socket.destroy());
  });

  wsServer.options.maxPayload = LIMITS.peer_frame_bytes_max;
  const handleUpgrade = wsServer.handleUpgrade.bind(wsServer);
  wsServer.handleUpgrade = (request, socket, head, done) => {
    admit(socket);
    handleUpgrade(request, socket, head, (webSocket, of) => {
      webSocket.on("error", () => webSocket.terminate());
      done(webSocket, of);
    });
  };

  // The library waits for the end of all sockets, and knows only those that have said something.
  const close = listener.close.bind(listener);
  listener.close = async () => {
    const closing = close();
    for (const socket of waiting.keys()) socket.destroy();
    await closing;
  };
  return listener;
}

function hasInside(listener: Listener): listener is Listener & Inside {
  const server: unknown = Reflect.get(listener, "server");
  const wsServer: unknown = Reflect.get(listener, "wsServer");
  return (
    server instanceof Server &&
    typeof wsServer === "object" &&
    wsServer !== null &&
    typeof Reflect.get(wsServer, "handleUpgrade") === "function" &&
    typeof Reflect.get(wsServer, "options") === "object"
  );
}
