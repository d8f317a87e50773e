import { once } from "node:events";
import type { Server } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { type WebSocket, WebSocketServer } from "ws";
import type { MethodContext } from "../rpc/method.ts";
import { BODY_BYTES_MAX } from "../rpc/read-body.ts";
import type { Trace } from "../rpc/trace.ts";
import { SocketSession } from "./socket-session.ts";

/** For the other side to take its leave; then the connection is cut. */
const CLOSE_MS_MAX = 500;
/** A normal end: after any other, web3.js 1.x tries to come back for as long as its process lives. */
const CLOSE_CODE = 1000;

/**
 * Takes WebSockets on the port of an HTTP server.
 *
 * @returns what ends them all
 */
export function serveSockets(server: Server, context: MethodContext, trace: Trace): () => Promise<void> {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: BODY_BYTES_MAX });
  server.on("upgrade", (request, stream, head) => {
    sockets.handleUpgrade(request, stream, head, (socket) => sockets.emit("connection", socket));
  });
  const sessions = new Map<WebSocket, SocketSession>();
  sockets.on("connection", (socket) => {
    const session = new SocketSession(context, trace, (text) => socket.send(text));
    sessions.set(socket, session);
    socket.on("message", (data) => session.receive(data.toString()));
    socket.on("close", () => sessions.delete(socket));
    // A frame that is too long, or a connection that broke: the socket closes, and there is nobody to tell.
    socket.on("error", () => socket.terminate());
  });
  context.chain.onReached((record, commitment) => {
    for (const session of sessions.values()) session.reached(record, commitment);
  });
  context.chain.onSlot((slot) => {
    for (const session of sessions.values()) session.slot(slot);
  });
  return async () => {
    const closed = [...sockets.clients].map((socket) => once(socket, "close"));
    for (const socket of sockets.clients) socket.close(CLOSE_CODE);
    const timer = new AbortController();
    const timeout = delay(CLOSE_MS_MAX, undefined, { signal: timer.signal }).catch(() => undefined);
    await Promise.race([Promise.all(closed), timeout]);
    timer.abort();
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
  };
}
