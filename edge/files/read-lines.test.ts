import { expect, test } from "vitest";
import { FIRST_LINE, type FileLine, readLines } from "./read-lines.ts";

async function* cut(bytes: Uint8Array, size: number, from = 0): AsyncGenerator<Uint8Array> {
  for (let at = from; at < bytes.byteLength; at += size)
    yield bytes.subarray(at, Math.min(at + size, bytes.byteLength));
}

async function collect(lines: AsyncIterable<FileLine>): Promise<FileLine[]> {
  const all: FileLine[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

const text = '\ufeff{"a":1}\r\n\nzwölf 🎈\nlast without an end';
const bytes = new TextEncoder().encode(text);

test("lines are the same however their bytes are cut, and can be read on from any of them", async () => {
  const expected = ['{"a":1}', "", "zwölf 🎈", "last without an end"];
  for (let size = 1; size <= bytes.byteLength; size++) {
    const lines = await collect(readLines(cut(bytes, size)));
    expect(lines.map((line) => line.text)).toEqual(expected);
    expect(lines.map((line) => line.number)).toEqual([1, 2, 3, 4]);
    for (const [index, { next }] of lines.entries()) {
      const rest = await collect(readLines(cut(bytes, size, next.offset), next));
      expect(rest.map((line) => line.text)).toEqual(expected.slice(index + 1));
      expect(rest).toEqual(lines.slice(index + 1));
    }
  }
});

test("a line that is no UTF-8 or too long has no text, and those around it do", async () => {
  const broken = new Uint8Array([
    ...new TextEncoder().encode("a\n"),
    0xff,
    10,
    ...new TextEncoder().encode("bbbbb\nc\n"),
  ]);
  const lines = await collect(readLines(cut(broken, 2), FIRST_LINE, 4));
  expect(lines.map((line) => line.text)).toEqual(["a", null, null, "c"]);
});
