import { connect, createServer } from "node:net";
import { parseArgs } from "node:util";

/** Joins a socket of the file system, which every namespace sees, with a port of the namespace this runs in. */
const { values } = parseArgs({
  options: { socket: { type: "string" }, host: { type: "string" }, port: { type: "string" } },
});
const { socket, host, port } = values;
if (socket === undefined || host === undefined || port === undefined)
  throw new Error("needs --socket, --host and --port");

const server = createServer((outside) => {
  const inside = connect(Number(port), host);
  outside.on("error", () => inside.destroy());
  inside.on("error", () => outside.destroy());
  outside.pipe(inside).pipe(outside);
});
server.listen(socket, () => console.log(JSON.stringify({ event: "listening" })));
