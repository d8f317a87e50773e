import { connect, createServer } from "node:net";
import { parseArgs } from "node:util";

/**
 * What one machine sees of another: `--listen PORT` tells where each connection comes from; `--connect HOST --port PORT
 * --from PORT` tries one from a port of its own.
 */
const { values } = parseArgs({
  options: {
    listen: { type: "string" },
    connect: { type: "string" },
    port: { type: "string" },
    from: { type: "string" },
  },
});
const TRY_MS_MAX = 700;
const say = (event: string, facts: object = {}): void => console.log(JSON.stringify({ event, ...facts }));

if (values.listen !== undefined) {
  createServer((socket) => {
    say("connection", { address: socket.remoteAddress, port: socket.remotePort });
    socket.on("error", () => undefined).end();
  }).listen(Number(values.listen), "0.0.0.0", () => say("listening"));
} else {
  const socket = connect({
    host: values.connect ?? "",
    port: Number(values.port),
    localPort: Number(values.from ?? 0),
    timeout: TRY_MS_MAX,
  });
  const end = (event: string, facts = {}): void => {
    say(event, facts);
    socket.destroy();
  };
  socket
    .once("connect", () => end("connected"))
    .once("timeout", () => end("failed", { reason: "nothing answered" }))
    .once("error", ({ message }) => end("failed", { reason: message }));
}
