import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A line between programs that keeps all that goes over it. */
export interface RecordingProxy {
  url: string;
  /** Every byte of both directions, one connection after the other. */
  recorded: () => Buffer;
  close: () => Promise<void>;
}

/** Listens on this machine and passes everything on to the port at the other end. */
export async function startRecordingProxy(port: number): Promise<RecordingProxy> {
  const lines: Buffer[][] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const edge = connect(port, "127.0.0.1");
    for (const [from, to] of [
      [client, edge],
      [edge, client],
    ] as const) {
      const line: Buffer[] = [];
      lines.push(line);
      sockets.add(from);
      from.on("data", (bytes) => line.push(bytes));
      from.on("error", () => to.destroy());
      from.on("close", () => sockets.delete(from));
      from.pipe(to);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${own}`,
    recorded: () => Buffer.concat(lines.flat()),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
