import type { IncomingMessage } from "node:http";
import { decodeBinary, encodeBinary } from "@infernet/schemas/binary";
import type { JobId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { StreamDown } from "@infernet/schemas/llm/stream-message";
import { Problem } from "@infernet/schemas/problem";
import WebSocket from "ws";
import { z } from "zod";
import type { Identity } from "../identity/identity.ts";
import { signRequest } from "./sign-request.ts";
import type { LinkEnd, LinkListener, StreamLink } from "./stream-link.ts";

/** The most that an edge says in one message: leases and positions. */
const MESSAGE_BYTES_MAX = 1024 * 1024;
const REFUSAL_BYTES_MAX = 64 * 1024;
const PING_MS = 1_000;
const CLOSE_MS_MAX = 1_000;

/** Statuses of an edge that knows the route and was not asked for a WebSocket, or does not know it. */
const NO_UPGRADE = new Set([400, 404, 405, 426, 501]);
const Refusal = z.object({ code: Problem.shape.code });

/** A WebSocket (RFC 6455) to the object that owns a job, its upgrade signed as every request of a runner is. */
export function openWebSocketLink(
  { edge, identity }: { edge: string; identity: Identity },
  job: JobId,
  listener: LinkListener,
): StreamLink {
  const url = `${edge.replace(/\/+$/, "")}/runner/stream?job=${job}`;
  const headers = signRequest({ method: "GET", url, body: null }, identity, Math.floor(Date.now() / 1_000));
  const socket = new WebSocket(url.replace(/^http/, "ws"), {
    headers,
    perMessageDeflate: false,
    handshakeTimeout: LIMITS.stream_connect_ms_max,
    maxPayload: MESSAGE_BYTES_MAX,
  });
  let isOver = false;
  /** A connection on which nothing ever was heard got no further than something on the way. */
  let wasHeard = false;
  /** Counted, and not timed: a process that stood still has not read what came meanwhile. */
  let unanswered = 0;
  let pings: NodeJS.Timeout | undefined;

  const end = (how: LinkEnd): void => {
    if (isOver) return;
    isOver = true;
    clearInterval(pings);
    socket.terminate();
    listener.onEnd(how);
  };
  const hear = (): void => {
    wasHeard = true;
    unanswered = 0;
  };
  const ping = (): void => {
    if (unanswered * PING_MS >= LIMITS.stream_pong_ms_max) {
      end(wasHeard ? "silent" : "no_upgrade");
      return;
    }
    unanswered += 1;
    socket.ping();
  };

  socket.on("open", () => {
    ping();
    pings = setInterval(ping, PING_MS).unref();
    listener.onOpen();
  });
  socket.on("pong", hear);
  socket.on("message", (data, isBinary) => {
    hear();
    const message = isBinary && data instanceof Buffer ? readMessage(data) : null;
    if (isOver) return;
    if (message === null) end("broken");
    else listener.onMessage(message);
  });
  socket.on("unexpected-response", (_, response) => {
    void readRefusal(response).then(end);
  });
  // An error is followed by this, but for one before the upgrade, which `ws` tells of alone.
  socket.on("close", () => end(wasHeard ? "broken" : "no_upgrade"));
  socket.on("error", (error) => end(isTimeout(error) ? "no_upgrade" : "broken"));

  return {
    get isReady() {
      return (
        !isOver &&
        socket.readyState === WebSocket.OPEN &&
        socket.bufferedAmount < LIMITS.stream_buffer_bytes_max
      );
    },
    send: (message) =>
      socket.send(encodeBinary(message), () => {
        if (!isOver) listener.onReady();
      }),
    close: () => {
      isOver = true;
      clearInterval(pings);
      if (socket.readyState !== WebSocket.OPEN) return socket.terminate();
      // What is buffered still goes out, unless the other side is gone.
      const forced = setTimeout(() => socket.terminate(), CLOSE_MS_MAX);
      socket.once("close", () => clearTimeout(forced));
      socket.close(1_000);
    },
  };
}

const isTimeout = (error: Error): boolean => error.message.includes("handshake has timed out");

function readMessage(data: Buffer): StreamDown | null {
  try {
    return StreamDown.safeParse(decodeBinary(data)).data ?? null;
  } catch {
    return null;
  }
}

/** An edge that says no, as to a runner that it does not know, lets WebSockets through. */
async function readRefusal(response: IncomingMessage): Promise<LinkEnd> {
  if (NO_UPGRADE.has(response.statusCode ?? 0)) {
    response.destroy();
    return "no_upgrade";
  }
  let text = "";
  try {
    for await (const chunk of response) {
      text += String(chunk);
      if (text.length > REFUSAL_BYTES_MAX) return "no_upgrade";
    }
    return Refusal.safeParse(JSON.parse(text)).success ? "broken" : "no_upgrade";
  } catch {
    return "no_upgrade";
  }
}
