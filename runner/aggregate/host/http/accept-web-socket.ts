import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { LIMITS } from "@infernet/schemas/limits";
import { WebSocketServer } from "ws";
import { SocketCloseEvent, type SocketEnd } from "../web/web-socket-pair.ts";

/** Close codes that may be sent (RFC 6455 section 7.4). */
const isSendable = (code: number): boolean => code === 1000 || (code >= 1007 && code <= 1014) || code >= 3000;

const server = new WebSocketServer({
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
  maxPayload: LIMITS.submission_bytes_max,
});

/** Joins a client's WebSocket to the end that the Worker gave for it. */
export function acceptWebSocket(
  message: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  end: SocketEnd,
): void {
  // A handshake that fails ends the socket, and is told nowhere else.
  const leave = (): void => end.close();
  socket.on("close", leave);
  server.handleUpgrade(message, socket, head, (client) => {
    socket.off("close", leave);
    client.binaryType = "arraybuffer";
    client.on("message", (data, isBinary) => {
      if (end.readyState !== 1) return;
      end.send(isBinary ? (data as ArrayBuffer) : Buffer.from(data as ArrayBuffer).toString());
    });
    client.on("close", (code, reason) => end.close(code, reason.toString()));
    // It closes after an error; who sent what cannot be read is told by ws.
    client.on("error", () => undefined);
    end.addEventListener("message", (event) => {
      if (client.bufferedAmount > LIMITS.aggregate_unread_bytes_max) client.terminate();
      else if (event instanceof MessageEvent) client.send(event.data);
    });
    end.addEventListener("close", (event) => {
      if (!(event instanceof SocketCloseEvent)) return;
      if (isSendable(event.code)) client.close(event.code, event.reason);
      else client.close();
    });
    end.accept();
  });
}
