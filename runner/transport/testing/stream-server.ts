import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { decodeBinary, encodeBinary } from "@infernet/schemas/binary";
import { StreamDown, StreamUp } from "@infernet/schemas/llm/stream-message";
import { type WebSocket, WebSocketServer } from "ws";
import { MemoryStreams } from "../memory-streams.ts";

/** An edge's way for streams on a port of this machine, over real sockets. */
export interface StreamServer {
  readonly url: string;
  readonly streams: MemoryStreams;
  /** Requests that came, upgrades and posts, in order. */
  readonly requests: IncomingMessage[];
  /** What upgrades are answered with instead of a connection. */
  refuse: { status: number; body: string } | null;
  /** Whether it stops reading what connections bring. */
  setDeaf(isDeaf: boolean): void;
  readonly connections: number;
  /** Breaks every connection without a word, and with `forgets` as an edge does that dies. */
  cut(forgets?: boolean): void;
  end(...args: Parameters<MemoryStreams["end"]>): void;
  close(): Promise<void>;
}

export async function startStreamServer(): Promise<StreamServer> {
  const streams = new MemoryStreams();
  const requests: IncomingMessage[] = [];
  const sockets = new Set<WebSocket>();
  const acceptor = new WebSocketServer({ noServer: true });
  let refuse: StreamServer["refuse"] = null;

  const post = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    requests.push(request);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const answer = streams.receive(StreamUp.parse(decodeBinary(Buffer.concat(chunks))));
    response.end(encodeBinary(answer ?? { kept: [], resend: [], ended: [] }));
  };
  const server = createServer((request, response) => void post(request, response));
  server.on("upgrade", (request, socket, head) => {
    requests.push(request);
    if (refuse !== null) {
      const { status, body } = refuse;
      socket.end(
        `HTTP/1.1 ${status} No\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
      );
      return;
    }
    acceptor.handleUpgrade(request, socket, head, (accepted) => {
      sockets.add(accepted);
      accepted.on("close", () => sockets.delete(accepted));
      accepted.on("message", (data) => {
        const answer = streams.receive(StreamUp.parse(decodeBinary(data as Buffer)));
        if (answer !== null) accepted.send(encodeBinary(StreamDown.parse(answer)));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    streams,
    requests,
    get refuse() {
      return refuse;
    },
    set refuse(with_) {
      refuse = with_;
    },
    setDeaf: (isDeaf) => {
      for (const socket of sockets) isDeaf ? socket.pause() : socket.resume();
    },
    get connections() {
      return sockets.size;
    },
    cut: (forgets = false) => {
      for (const socket of sockets) socket.terminate();
      if (forgets) streams.crash();
    },
    end: (id) => {
      streams.end(id);
      for (const socket of sockets) socket.send(encodeBinary({ kept: [], resend: [], ended: [id] }));
    },
    close: async () => {
      for (const socket of sockets) socket.terminate();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
