import { once } from "node:events";
import { createServer, type IncomingMessage, STATUS_CODES } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { LIMITS } from "@infernet/schemas/limits";
import type { SocketEnd } from "../web/web-socket-pair.ts";
import { acceptWebSocket } from "./accept-web-socket.ts";
import { readBody } from "./read-body.ts";
import { readRequest } from "./read-request.ts";
import { writeResponse } from "./write-response.ts";

export interface HttpServer {
  port: number;
  close: () => Promise<void>;
}

export interface HttpServerOptions {
  host: string;
  /** 0 takes a free one. */
  port: number;
  answer: (request: Request) => Promise<Response>;
  logFailure: (error: unknown) => void;
}

/** Serves the Worker by HTTP. Limits of bodies are the Worker's own. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { host, answer, logFailure } = options;
  const origin = `http://${host}`;
  const upgraded = new Set<Duplex>();
  const server = createServer({
    requestTimeout: LIMITS.aggregate_upload_ms_max,
    keepAliveTimeout: LIMITS.aggregate_keep_alive_ms,
    // Of a client whose machine is gone nothing else tells.
    keepAlive: true,
  });
  server.on("request", async (message, to) => {
    const gone = new AbortController();
    to.on("close", () => {
      if (!to.writableFinished) gone.abort(new DOMException("the client went away", "AbortError"));
    });
    const body = readBody(message);
    to.on("finish", body.discard);
    const request = readRequest(message, body.stream, origin, gone.signal);
    if (request === null) return void to.writeHead(400).end();
    try {
      await writeResponse(await answer(request), to);
    } catch (error) {
      if (!gone.signal.aborted) logFailure(error);
      if (to.headersSent) to.destroy();
      else to.writeHead(500).end();
    }
  });
  server.on("upgrade", async (message: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    upgraded.add(socket);
    socket.on("close", () => upgraded.delete(socket));
    const gone = new AbortController();
    socket.on("close", () => gone.abort());
    const request = readRequest(message, readBody(message).stream, origin, gone.signal);
    if (request === null) return void socket.destroy();
    try {
      const response = await answer(request);
      const end: SocketEnd | null | undefined = Reflect.get(response, "webSocket");
      if (end) acceptWebSocket(message, socket, head, end);
      else await refuse(response, socket);
    } catch (error) {
      logFailure(error);
      socket.destroy();
    }
  });
  server.listen(options.port, host);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close();
      server.closeAllConnections();
      for (const socket of upgraded) socket.destroy();
      if (server.listening) await once(server, "close");
    },
  };
}

/** The Worker's answer to an upgrade that it does not want, such as a signature that is missing. */
async function refuse(response: Response, socket: Duplex): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  const headers = [...response.headers, ["Content-Length", String(body.byteLength)], ["Connection", "close"]];
  const head = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  socket.end(
    Buffer.concat([
      Buffer.from(`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status]}\r\n${head}\r\n`),
      body,
    ]),
  );
}
