import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { PlatformResponse } from "../web/platform-response.ts";
import { SocketCloseEvent, WebSocketPair } from "../web/web-socket-pair.ts";
import { type HttpServer, startHttpServer } from "./http-server.ts";

let server: HttpServer;
let answer: (request: Request) => Promise<Response>;
let failures: string[];
beforeEach(async () => {
  failures = [];
  server = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    answer: (request) => answer(request),
    logFailure: (error) => failures.push(String(error)),
  });
});
afterEach(() => server.close());

const url = (path = "/"): string => `http://127.0.0.1:${server.port}${path}`;
const BIG = new Uint8Array(3_000_000).map((_, i) => i % 251);

test("a request comes in as it was sent, and a small answer goes out with its length", async () => {
  answer = async (request) =>
    new Response(`${request.method} ${request.url} ${request.headers.get("X-One")} ${await request.text()}`, {
      status: 201,
      headers: { "X-Two": "2" },
    });
  const answered = await fetch(url("/a?b=c"), { method: "POST", body: "body", headers: { "X-One": "1" } });
  const text = `POST ${url("/a?b=c")} 1 body`;
  expect([answered.status, answered.headers.get("X-Two"), await answered.text()]).toEqual([201, "2", text]);
  expect(answered.headers.get("Content-Length")).toBe(String(text.length));
});

test("large bodies stream both ways", async () => {
  answer = async (request) => new Response(request.body?.pipeThrough(new TransformStream()) ?? null);
  const answered = await fetch(url(), { method: "PUT", body: BIG });
  expect(Buffer.compare(await answered.bytes(), BIG)).toBe(0);
});

test.each(["nothing", "the beginning"])(
  "a connection of whose body %s was read before the answer serves the next request",
  async (what) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const post = (path: string, bytes: number): Promise<number> =>
      new Promise((resolve, reject) => {
        const sent = request(url(path), { method: "POST", agent, headers: { "Content-Length": bytes } });
        sent.on("response", (answered) => {
          answered.resume().on("end", () => resolve(answered.statusCode ?? 0));
        });
        sent.on("error", reject).end(new Uint8Array(bytes));
      });
    answer = async ({ url, body }) => {
      if (!url.endsWith("/large")) return new Response(null, { status: 204 });
      if (what === "the beginning") await body?.getReader().read();
      return new Response(null, { status: 413 });
    };
    expect(await post("/large", 20_000_000)).toBe(413);
    expect(await post("/small", 10)).toBe(204);
    agent.destroy();
  },
);

test("a body that breaks off fails, and its end is never taken for one", async () => {
  const { promise: failed, resolve: fail } = Promise.withResolvers<unknown>();
  answer = async (request) => {
    await request.text().catch(fail);
    return new Response(null);
  };
  const sent = request(url(), { method: "POST", headers: { "Content-Length": 100 } });
  sent.on("error", () => undefined).write("half");
  await delay(20);
  sent.destroy();
  expect(await failed).toBeInstanceOf(Error);
});

test("a reader that is slow holds up what it reads, and loses nothing", async () => {
  let pulled = 0;
  answer = async () =>
    new Response(
      new ReadableStream({
        pull(controller) {
          pulled += 1;
          controller.enqueue(BIG.subarray(0, 100_000));
          if (pulled === 400) controller.close();
        },
      }),
    );
  const reader = (await fetch(url())).body?.getReader();
  await delay(50);
  expect(pulled).toBeLessThan(400);
  let bytes = 0;
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read())
    bytes += read.value.byteLength;
  expect(bytes).toBe(40_000_000);
});

test("the first chunk of a stream arrives while the next is waited for", async () => {
  const { promise: more, resolve: go } = Promise.withResolvers<void>();
  answer = async () =>
    new Response(
      ReadableStream.from(
        (async function* () {
          yield new TextEncoder().encode("one");
          await more;
          yield new TextEncoder().encode("two");
        })(),
      ),
    );
  const reader = (await fetch(url())).body?.getReader();
  expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("one");
  go();
  expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("two");
});

test("HEAD is answered without a body", async () => {
  answer = async () => new Response("body", { headers: { "Content-Length": "4" } });
  const answered = await fetch(url(), { method: "HEAD" });
  expect([answered.headers.get("Content-Length"), await answered.text()]).toEqual(["4", ""]);
});

test("a client that goes away aborts its request, and stops the stream that it read", async () => {
  const { promise: gone, resolve: leave } = Promise.withResolvers<string>();
  const { promise: canceled, resolve: cancel } = Promise.withResolvers<void>();
  answer = async (request) => {
    request.signal.addEventListener("abort", () => leave(request.signal.reason.name));
    return new Response(
      new ReadableStream({
        start: (controller) => controller.enqueue(new Uint8Array(1)),
        cancel: () => cancel(),
      }),
    );
  };
  const leaving = new AbortController();
  const answered = await fetch(url(), { signal: leaving.signal });
  await answered.body?.getReader().read();
  leaving.abort();
  expect(await gone).toBe("AbortError");
  await canceled;
  expect(failures).toEqual([]);
});

test("an answer that fails is a 500, and a request that is none a 400", async () => {
  answer = async () => {
    throw new Error("a fault");
  };
  expect((await fetch(url())).status).toBe(500);
  expect(failures).toEqual(["Error: a fault"]);
  const socket = connect(server.port, "127.0.0.1");
  socket.end("GET / HTTP/1.1\r\nHost: not a host\r\n\r\n");
  let said = "";
  for await (const chunk of socket) said += chunk;
  expect(said).toMatch(/^HTTP\/1\.1 400 /);
});

test("a WebSocket carries messages both ways, and each end is told when the other closes", async () => {
  const { promise: closed, resolve: close } = Promise.withResolvers<number>();
  answer = async () => {
    const { 0: client, 1: own } = new WebSocketPair();
    own.accept();
    own.addEventListener("message", (event) => {
      if (!(event instanceof MessageEvent)) return;
      own.send(typeof event.data === "string" ? event.data.toUpperCase() : new Uint8Array(event.data));
    });
    own.addEventListener("close", (event) => {
      if (event instanceof SocketCloseEvent) close(event.code);
    });
    return new PlatformResponse(null, { status: 101, webSocket: client });
  };
  const socket = new WebSocket(url().replace("http", "ws"));
  await once(socket, "open");
  const heard: unknown[] = [];
  const all = new Promise<void>((resolve) => {
    socket.on("message", (data, isBinary) => {
      heard.push(isBinary ? [...(data as Buffer)] : String(data));
      if (heard.length === 2) resolve();
    });
  });
  socket.send("hello");
  socket.send(new Uint8Array([1, 2]));
  await all;
  expect(heard).toEqual(["HELLO", [1, 2]]);
  socket.close(3001);
  expect(await closed).toBe(3001);
});

test("an upgrade that is not wanted is answered as the Worker says", async () => {
  answer = async () => new Response("no", { status: 403 });
  const socket = new WebSocket(url().replace("http", "ws"));
  const [, response] = await once(socket, "unexpected-response");
  expect(response.statusCode).toBe(403);
  socket.on("error", () => undefined);
  socket.terminate();
});

test("what ends the server ends what it has open", async () => {
  answer = () => new Promise(() => undefined);
  const asked = fetch(url()).catch((error: unknown) => error);
  await delay(20);
  await server.close();
  expect(await asked).toBeInstanceOf(TypeError);
});
