import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { ControlMessage, type ControlRequest, socketPath } from "./control-protocol.ts";

/** What the runner of this home answers to a command, message by message; null when none runs there. */
export async function callControl(
  home: string,
  request: ControlRequest,
): Promise<AsyncGenerator<ControlMessage> | null> {
  const socket = connect(socketPath(home));
  try {
    await once(socket, "connect");
  } catch {
    // No file, nobody behind it, or a path that no socket can have.
    return null;
  }
  return readMessages(socket, request);
}

async function* readMessages(socket: Socket, request: ControlRequest): AsyncGenerator<ControlMessage> {
  // A runner that is killed breaks the connection off: then there is no more to read.
  socket.on("error", () => undefined);
  socket.write(`${JSON.stringify(request)}\n`);
  try {
    for await (const line of createInterface({ input: socket })) yield ControlMessage.parse(JSON.parse(line));
  } finally {
    socket.destroy();
  }
}
