import { expect, test } from "vitest";
import { copyMessage } from "./copy-message.ts";

test("a message is a copy, whatever its sender does to its own afterwards", () => {
  const bytes = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
  const sent = {
    text: "a",
    amount: 10n,
    missing: undefined,
    nothing: null,
    list: [1, { deep: true }],
    map: new Map([["k", { v: 1 }]]),
    set: new Set(["x"]),
    at: new Date(5),
    bytes,
    buffer: new ArrayBuffer(2),
    floats: new Float32Array([0.5]),
  };
  const copied = copyMessage(sent) as typeof sent;
  expect(copied).toEqual(sent);
  bytes[0] = 9;
  sent.list.push(2);
  expect(copied.list).toHaveLength(2);
  expect(copied.bytes).toEqual(new Uint8Array([2, 3]));
  expect(copied.bytes.buffer.byteLength).toBe(2);
});

test("streams and answers pass as they are", () => {
  const stream = new ReadableStream();
  const answer = new Response("x");
  expect(copyMessage({ stream, answer })).toEqual({ stream, answer });
  expect((copyMessage({ stream }) as { stream: unknown }).stream).toBe(stream);
});

class Own {}
test.each([
  ["a function", { run: () => 1 }],
  ["a symbol", Symbol("s")],
  ["an object of a class", { own: new Own() }],
])("%s cannot be sent, as on the Workers platform", (_, value) => {
  expect(() => copyMessage(value)).toThrow(expect.objectContaining({ name: "DataCloneError" }));
});
