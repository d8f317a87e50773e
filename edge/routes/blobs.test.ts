import { reset } from "cloudflare:test";
import { sha256 } from "@infernet/schemas/digest";
import { LIMITS } from "@infernet/schemas/limits";
import { Problem } from "@infernet/schemas/problem";
import { afterEach, expect, test } from "vitest";
import { callEdge } from "../testing/call-edge.ts";
import { createTestAccount } from "../testing/test-account.ts";
import { createTestRunner } from "../testing/test-runner.ts";

afterEach(reset);

async function upload() {
  const bytes = new TextEncoder().encode(`these bytes: ${crypto.randomUUID()}`);
  const digest = await sha256(new Uint8Array(bytes));
  const path = `/blobs/${digest}`;
  const init = { method: "PUT", body: bytes, headers: { "Content-Length": String(bytes.length) } };
  return { bytes, digest, path, init };
}

test("an account uploads a blob once, and a runner downloads it", async () => {
  const account = await createTestAccount();
  const runner = await createTestRunner();
  const { bytes, digest, path, init } = await upload();
  const headers = { ...init.headers, ...account.headers };
  const first = await callEdge(path, { ...init, headers });
  expect(first.status).toBe(201);
  expect(await first.json()).toEqual({ sha256: digest, bytes: bytes.length });
  expect((await callEdge(path, { ...init, headers })).status).toBe(200);

  const got = await runner.call(path);
  expect(got.status).toBe(200);
  expect(got.headers.get("ETag")).toBe(`"${digest}"`);
  expect(got.headers.get("Cache-Control")).toContain("immutable");
  expect(got.headers.get("Content-Length")).toBe(String(bytes.length));
  expect(new Uint8Array(await got.arrayBuffer())).toEqual(bytes);
});

test("a runner uploads an output", async () => {
  const runner = await createTestRunner();
  const { path, init } = await upload();
  expect((await runner.call(path, init)).status).toBe(201);
});

test("a blob is read in part, by its head, and not at all when the caller has it", async () => {
  const { headers } = await createTestAccount();
  const { bytes, digest, path, init } = await upload();
  await callEdge(path, { ...init, headers: { ...init.headers, ...headers } });

  const part = await callEdge(path, { headers: { ...headers, Range: "bytes=6-10" } });
  expect([part.status, part.headers.get("Content-Range")]).toEqual([206, `bytes 6-10/${bytes.length}`]);
  expect(new TextDecoder().decode(await part.arrayBuffer())).toBe("bytes");

  const outside = await callEdge(path, { headers: { ...headers, Range: "bytes=1000-" } });
  expect([outside.status, outside.headers.get("Content-Range")]).toEqual([416, `bytes */${bytes.length}`]);

  const head = await callEdge(path, { method: "HEAD", headers });
  expect([head.status, head.headers.get("Content-Length"), await head.text()]).toEqual([
    200,
    String(bytes.length),
    "",
  ]);

  const known = await callEdge(path, { headers: { ...headers, "If-None-Match": `"${digest}"` } });
  expect(known.status).toBe(304);

  const changed = await callEdge(path, {
    headers: { ...headers, Range: "bytes=0-1", "If-Range": '"other"' },
  });
  expect(changed.status).toBe(200);
});

test("what is wrong with an upload is said", async () => {
  const { headers } = await createTestAccount();
  const { path, init } = await upload();
  const codeOf = async (answer: Promise<Response>) => Problem.parse(await (await answer).json()).code;
  const put = (at: string, changes: Record<string, string>, body = init.body) =>
    callEdge(at, { method: "PUT", body, headers: { ...init.headers, ...headers, ...changes } });

  expect(await codeOf(put(path, {}, new Uint8Array(init.body.length)))).toBe("digest_mismatch");
  expect((await callEdge(path, { headers })).status).toBe(404);
  expect(await codeOf(put(path, { "Content-Length": String(LIMITS.blob_bytes_max + 1) }))).toBe(
    "body_too_large",
  );
  expect(await codeOf(put(path, { "Content-Length": "many" }))).toBe("header_invalid");
  expect(await codeOf(put("/blobs/ABC", {}))).toBe("request_invalid");
  expect(await codeOf(callEdge("/blobs/ABC", { headers }))).toBe("not_found");
  expect(await codeOf(callEdge(path, { method: "PUT", body: init.body }))).toBe("authentication_missing");
});
