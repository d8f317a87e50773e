import { once } from "node:events";
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Socket } from "node:net";

/** A line between programs, each of whose connections goes on to what is at the other end. */
export interface Line {
  url: string;
  /** Ends every connection that is open. */
  drop: () => void;
  close: () => Promise<void>;
}

/** @param carry brings what comes from one end of a connection to the other; called once for each direction */
export async function startLine(
  target: NetConnectOpts,
  carry: (from: Socket, to: Socket) => void,
): Promise<Line> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const edge = connect(target);
    for (const [from, to] of [
      [client, edge],
      [edge, client],
    ] as const) {
      sockets.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => sockets.delete(from));
      carry(from, to);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: own } = server.address() as AddressInfo;
  const drop = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${own}`,
    drop,
    close: async () => {
      drop();
      server.close();
      await once(server, "close");
    },
  };
}
