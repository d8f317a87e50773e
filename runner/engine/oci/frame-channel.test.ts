import { PassThrough } from "node:stream";
import { LIMITS } from "@infernet/schemas/limits";
import { expect, it } from "vitest";
import { StreamEnded } from "./byte-reader.ts";
import { batchFrame, FrameBroken, helloFrame } from "./frame.ts";
import { type Answer, createFrameChannel } from "./frame-channel.ts";

const SPEC = [{ name: "x", datatype: "FP32" as const, shape: [null, 2] }];

/** What comes of these bytes from a container, in pieces of this size. */
async function hear(bytes: Uint8Array, piece = bytes.length || 1): Promise<Answer> {
  const output = new PassThrough();
  const channel = createFrameChannel(new PassThrough(), output);
  const answer = channel.exchange(helloFrame(SPEC, SPEC));
  answer.catch(() => undefined);
  for (let at = 0; at < bytes.length; at += piece) output.write(bytes.subarray(at, at + piece));
  output.end();
  return answer;
}

const text = (line: string): Uint8Array => new TextEncoder().encode(line);
const y = { name: "y", datatype: "FP32", shape: [1, 2], bytes: 8 };
const outputs = (tensors: object[], data = ""): Uint8Array =>
  text(`${JSON.stringify({ infernet: 1, tensors })}\n${data}`);

it("sends a batch as a line that describes it, and its bytes", async () => {
  const input = new PassThrough();
  const output = new PassThrough();
  output.end('{"infernet":1,"ready":true}\n');
  const data = new Uint8Array([0, 0, 128, 63, 0, 0, 0, 64]);
  const x = { name: "x", datatype: "FP32" as const, shape: [1, 2], data };
  await createFrameChannel(input, output).exchange(batchFrame([x], 1));
  expect(input.read()).toEqual(
    Buffer.concat([
      text('{"infernet":1,"rows":1,"tensors":[{"name":"x","datatype":"FP32","shape":[1,2],"bytes":8}]}\n'),
      data,
    ]),
  );
});

it("reads an answer in whatever pieces it comes", async () => {
  const bytes = outputs([y], "12\n45678");
  for (let piece = 1; piece <= bytes.length; piece++)
    expect(await hear(bytes, piece)).toMatchObject({
      kind: "outputs",
      outputs: [{ name: "y", data: text("12\n45678") }],
    });
});

it("passes on what a container says it cannot do", async () => {
  expect(await hear(text('{"infernet":1,"error":"no GPU"}\n'))).toEqual({ kind: "error", detail: "no GPU" });
});

it.each([
  ["a log line", text("Loading model…\n"), /no frame: "Loading model…"/],
  ["another version", text('{"infernet":2,"ready":true}\n'), /no frame/],
  ["a member too many", text('{"infernet":1,"ready":true,"took_ms":3}\n'), /no frame/],
  ["bytes that are negative", outputs([{ ...y, bytes: -8 }]), /no frame/],
  [
    "more than a shard may come to",
    outputs([0, 1, 2, 3, 4].map(() => ({ ...y, bytes: 8_000_000 }))),
    /40000000/,
  ],
  ["no line at all", new Uint8Array(LIMITS.oci_header_bytes_max + 1).fill(120), /without a line: "xxx/],
  [
    "no frame by HTTP",
    text('{"infernet":1,"unreadable":"<html>"}\n'),
    /the server's answer is no frame: "<html>"/,
  ],
])("does not go on after %s", async (_what, bytes, reason) => {
  const error = await hear(bytes).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FrameBroken);
  expect(error).toMatchObject({ message: expect.stringMatching(reason) });
});

it("tells the end of the stream from bytes that make no sense", async () => {
  await expect(hear(outputs([y], "123"))).rejects.toBeInstanceOf(StreamEnded);
  await expect(hear(text('{"infernet":1,'))).rejects.toBeInstanceOf(StreamEnded);
});
