import { chmod, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { PauseControl } from "../pause/pause-control.ts";
import type { RunnerEvent } from "../work/runner-event.ts";
import type { Activity } from "./activity.ts";
import {
  type ControlMessage,
  ControlRequest,
  SOCKET_PATH_BYTES_MAX,
  socketPath,
} from "./control-protocol.ts";
import type { PeersReport } from "./peers-report.ts";

/** A command is a few words. */
const REQUEST_BYTES_MAX = 4_096;

export interface ControlOptions {
  home: string;
  read(): Activity | null;
  peers(): PeersReport;
  pauses: Pick<PauseControl, "pause" | "resume">;
  drain(): void;
}

export interface Control {
  /** To be told of everything that the runner tells: who waits for its end hears of it. */
  observe(event: RunnerEvent): void;
  close(): Promise<void>;
}

/**
 * Takes commands for the runner on `control.sock` in its home. The home's lock is held, so a socket that is there is one
 * that a runner before has left. Rejects when the socket cannot be made.
 */
export async function serveControl(options: ControlOptions): Promise<Control> {
  const path = socketPath(options.home);
  if (Buffer.byteLength(path) > SOCKET_PATH_BYTES_MAX)
    throw new Error(`the path of its socket is over ${SOCKET_PATH_BYTES_MAX} bytes: ${path}`);
  await rm(path, { force: true });
  /** Those who wait for the end. */
  const waiting = new Set<Socket>();
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    answer(socket, options, waiting);
  });
  await listen(server, path);
  await chmod(path, 0o600);
  server.unref();
  return {
    observe: (event) => tell(event, options, waiting),
    close: async () => {
      // What was said to them goes out first.
      for (const socket of open) socket.destroySoon();
      server.ref();
      await new Promise((resolve) => server.close(resolve));
      await rm(path, { force: true });
    },
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function answer(socket: Socket, options: ControlOptions, waiting: Set<Socket>): void {
  // Who asked may go before the answer.
  socket.on("error", () => undefined);
  socket.once("close", () => waiting.delete(socket));
  socket.unref();
  let bytes = 0;
  socket.on("data", (chunk) => {
    bytes += chunk.length;
    if (bytes > REQUEST_BYTES_MAX) socket.destroy();
  });
  createInterface({ input: socket }).once("line", (line) => {
    const request = ControlRequest.safeParse(parseJson(line));
    if (!request.success) {
      send(socket, {
        kind: "refused",
        detail: "this runner does not know that command; is it an older version?",
      });
      socket.end();
      return;
    }
    obey(request.data, socket, options, waiting);
  });
}

function obey(
  { call }: ControlRequest,
  socket: Socket,
  { read, peers, pauses, drain }: ControlOptions,
  waiting: Set<Socket>,
): void {
  if (call === "pause") pauses.pause();
  if (call === "resume") pauses.resume();
  if (call === "drain") {
    waiting.add(socket);
    drain();
    send(socket, { kind: "progress", shards: read()?.now.length ?? 0 });
    return;
  }
  if (call === "peers") {
    send(socket, { kind: "peers", report: peers() });
    socket.end();
    return;
  }
  const activity = read();
  send(
    socket,
    activity === null
      ? { kind: "refused", detail: "the runner is only starting" }
      : { kind: "activity", activity },
  );
  socket.end();
}

function tell(event: RunnerEvent, { read }: ControlOptions, waiting: Set<Socket>): void {
  if (waiting.size === 0) return;
  if (event.event === "stopped") {
    const { event: _, ...counts } = event;
    for (const socket of waiting) {
      send(socket, { kind: "stopped", ...counts });
      socket.end();
    }
    waiting.clear();
  } else if (event.event.startsWith("shard.")) {
    const shards = read()?.now.length ?? 0;
    for (const socket of waiting) send(socket, { kind: "progress", shards });
  }
}

const send = (socket: Socket, message: ControlMessage): void =>
  void socket.write(`${JSON.stringify(message)}\n`);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
