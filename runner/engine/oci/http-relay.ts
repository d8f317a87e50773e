/**
 * Runs inside a container that serves HTTP, beside its server and held to the same: reads frames from standard input, sends
 * each as a POST to the server's port on the container's own loopback, and writes what it answers. So the container needs
 * no network. It is the only file of this package in there: it imports nothing but Node's own modules.
 *
 * Arguments: port, path, most bytes of an answer.
 */
import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const [port = "", path = "/", bytesMax = "0"] = process.argv.slice(2);
const RETRY_MS = 50;
const SEEN_CHARS_MAX = 200;

class TooLarge extends Error {}

interface Response {
  status: number;
  body: Buffer;
}

function post(frame: Buffer): Promise<Response> {
  return new Promise((resolve, reject) => {
    const headers = { "Content-Type": "application/octet-stream", "Content-Length": frame.length };
    const call = request(
      { host: "127.0.0.1", port, path, method: "POST", headers, agent: false },
      (answer) => {
        const parts: Buffer[] = [];
        let size = 0;
        answer.on("data", (part: Buffer) => {
          size += part.length;
          if (size > Number(bytesMax)) call.destroy(new TooLarge());
          parts.push(part);
        });
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(parts) }));
        answer.on("error", reject);
      },
    );
    call.on("error", reject);
    call.end(frame);
  });
}

/** The server may not listen yet, and may take as long to start as the runner lets it. */
async function postOnceThere(frame: Buffer): Promise<Response> {
  for (;;) {
    try {
      return await post(frame);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ECONNREFUSED")) throw error;
      await sleep(RETRY_MS);
    }
  }
}

function announcedBytes(header: string): number {
  const { tensors = [] }: { tensors?: { bytes: number }[] } = JSON.parse(header);
  return tensors.reduce((sum, tensor) => sum + tensor.bytes, 0);
}

const line = (header: object): Buffer => Buffer.from(`${JSON.stringify({ infernet: 1, ...header })}\n`);

/** The body, if it is one whole frame: otherwise the reader on the other side would not know where it ends. */
function wholeFrame({ status, body }: Response): Buffer {
  const seen = body.subarray(0, SEEN_CHARS_MAX).toString("utf8");
  if (status !== 200) return line({ error: `the server answered ${status}: ${seen}` });
  const end = body.indexOf("\n");
  try {
    const announced = announcedBytes(body.subarray(0, end).toString("utf8"));
    if (end >= 0 && announced === body.length - end - 1) return body;
    return line({ unreadable: `${body.length - end - 1} bytes after a header that announces ${announced}` });
  } catch {
    return line({ unreadable: seen });
  }
}

/** A server that is gone takes this program along: how its container ends says more than an answer could. */
async function relay(frame: Buffer): Promise<Buffer> {
  try {
    return wholeFrame(await postOnceThere(frame));
  } catch (error) {
    if (error instanceof TooLarge) return line({ unreadable: `more than ${bytesMax} bytes` });
    process.stderr.write(`the server on port ${port} does not answer: ${String(error)}\n`);
    process.exit(1);
  }
}

let held: Buffer[] = [];
let size = 0;
/** Of the frame that is coming in; unknown until its header is there. */
let expected: number | null = null;

for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
  held.push(chunk);
  size += chunk.length;
  if (expected === null && chunk.includes("\n")) {
    const whole = Buffer.concat(held);
    const end = whole.indexOf("\n");
    expected = end + 1 + announcedBytes(whole.subarray(0, end).toString("utf8"));
    held = [whole];
  }
  // The runner sends the next frame when it has the answer to this one.
  if (expected === null || size < expected) continue;
  const frame = Buffer.concat(held);
  held = [];
  size = 0;
  expected = null;
  process.stdout.write(await relay(frame));
}
