import { randomBytes } from "node:crypto";
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { streamOf } from "./stream-of.ts";

const PIECE_BYTES = 65_536;

test("a file comes whole", async () => {
  const folder = mkdtempSync(join(tmpdir(), "infernet-stream-"));
  const file = join(folder, "file");
  const bytes = new Uint8Array(randomBytes(300_000));
  writeFileSync(file, bytes);
  expect(await new Response(streamOf(createReadStream(file))).bytes()).toEqual(bytes);
  rmSync(folder, { recursive: true });
});

test("whoever reads may go at any moment: what is read ends with them, and nothing is thrown at nobody", async () => {
  for (let reads = 0; reads < 4; reads += 1) {
    // It has more ready than is asked for: that is what would be handed on to nobody.
    const source = new Readable({
      highWaterMark: 4 * PIECE_BYTES,
      read() {
        this.push(new Uint8Array(PIECE_BYTES));
      },
    });
    const reader = streamOf(source).getReader();
    for (let n = 0; n < reads; n += 1) await reader.read();
    await reader.cancel();
    await nextTurn();
    expect(source.destroyed).toBe(true);
  }
});

test("a source that fails fails its reader", async () => {
  const source = new Readable({
    read() {
      this.destroy(new Error("the disk is gone"));
    },
  });
  await expect(streamOf(source).getReader().read()).rejects.toThrow("the disk is gone");
});

test("a source that failed before anybody read fails its first reader", async () => {
  const stream = streamOf(createReadStream(join(tmpdir(), "infernet-no-such-file")));
  await nextTurn();
  await expect(stream.getReader().read()).rejects.toThrow("ENOENT");
});
