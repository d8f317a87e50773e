import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DiskService } from "./disk-service.ts";

let folder: string;
let disk: DiskService;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "infernet-disk-"));
  disk = new DiskService(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (path: string, ...chunks: Uint8Array[]): Promise<Response> =>
  disk.fetch(`http://disk/${path}`, { method: "PUT", body: ReadableStream.from(chunks) });

test("a file that was put is given whole, in part, and by its size", async () => {
  expect((await put("ab/abc", new Uint8Array([1, 2]), new Uint8Array([3]))).status).toBe(204);
  const whole = await disk.fetch("http://disk/ab/abc");
  expect([await whole.bytes(), whole.headers.get("Content-Length")]).toEqual([
    new Uint8Array([1, 2, 3]),
    "3",
  ]);
  const part = await disk.fetch("http://disk/ab/abc", { headers: { Range: "bytes=1-9" } });
  expect([part.status, part.headers.get("Content-Range")]).toEqual([206, "bytes 1-2/3"]);
  expect(await part.bytes()).toEqual(new Uint8Array([2, 3]));
  const head = await disk.fetch("http://disk/ab/abc", { method: "HEAD" });
  expect([head.status, head.headers.get("Content-Length")]).toEqual([200, "3"]);
  expect((await disk.fetch("http://disk/ab/none")).status).toBe(404);
});

test("a body that breaks off leaves nothing, and so does a process that died in the middle", async () => {
  const broken = new ReadableStream({
    pull(controller) {
      controller.enqueue(new Uint8Array(10));
      controller.error(new Error("gone"));
    },
  });
  await expect(disk.fetch("http://disk/ab/abc", { method: "PUT", body: broken })).rejects.toThrow("gone");
  expect(readdirSync(join(folder, ".parts"))).toEqual([]);
  expect((await disk.fetch("http://disk/ab/abc")).status).toBe(404);
});

test("an address that climbs stays in the folder", async () => {
  await put("../../secret", new Uint8Array(1));
  expect(readdirSync(folder).sort()).toEqual([".parts", "secret"]);
});

test.each(["..%2f..%2fsecret", ".parts/x", "a//b", ""])("%j is no name of a file", async (path) => {
  expect((await disk.fetch(`http://disk/${path}`)).status).toBe(400);
  expect((await put(path, new Uint8Array(1))).status).toBe(400);
  expect(readdirSync(folder)).toEqual([".parts"]);
});
