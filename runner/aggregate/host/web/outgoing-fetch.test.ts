import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createOutgoingFetch } from "./outgoing-fetch.ts";

const server = createServer(async (request, response) => {
  if (request.url === "/slow") return;
  if (request.url === "/away") return void response.writeHead(302, { Location: "/" }).end();
  if (request.url === "/none") return void response.writeHead(204).end();
  response.setHeader("X-Length", request.headers["content-length"] ?? "none");
  response.end(`${request.method} ${await text(request)}`);
});
let port: number;
beforeAll(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const anywhere = createOutgoingFetch("any");
const guarded = createOutgoingFetch("public");
afterAll(() => {
  anywhere.close();
  guarded.close();
});

test("a request goes out with its length, and its answer comes in as it is", async () => {
  const answer = await anywhere.fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: "hello" });
  expect([answer.status, answer.headers.get("X-Length"), await answer.text()]).toEqual([
    200,
    "5",
    "POST hello",
  ]);
  expect((await anywhere.fetch(`http://localhost:${port}/none`)).status).toBe(204);
});

test("redirects are told, not followed", async () => {
  const answer = await anywhere.fetch(`http://127.0.0.1:${port}/away`, { redirect: "manual" });
  expect([answer.status, answer.headers.get("Location")]).toEqual([302, "/"]);
  await answer.body?.cancel();
});

test("a request that its sender gives up ends with the reason", async () => {
  const reason = new DOMException("", "TimeoutError");
  const asked = anywhere.fetch(`http://127.0.0.1:${port}/slow`, { signal: AbortSignal.abort(reason) });
  await expect(asked).rejects.toBe(reason);
});

test.each(["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost", "0x7f.1"])(
  "on the public network %s is refused, by its address or by what its name resolves to",
  async (host) => {
    await expect(guarded.fetch(`http://${host}:${port}/`)).rejects.toThrow(/is not public/);
  },
);
