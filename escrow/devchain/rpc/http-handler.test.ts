import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { expect, test } from "vitest";
import { callRpc, post } from "../testing/call-rpc.ts";
import { openChain } from "../testing/open-chain.ts";
import type { TracedCall } from "./trace.ts";

const traced: TracedCall[] = [];
const { chain } = await openChain({ trace: (call) => traced.push(call) });

test("an unknown method is refused, and so is what every object has", async () => {
  expect((await callRpc(chain.url, "getEverything")).error).toEqual({
    code: -32601,
    message: "Method not found: getEverything",
  });
  expect((await callRpc(chain.url, "constructor")).error).toMatchObject({ code: -32601 });
});

test("several calls in one body are answered in their order", async () => {
  const calls = [
    { jsonrpc: "2.0", id: "a", method: "getHealth" },
    { jsonrpc: "2.0", id: "b", method: "getNothing", params: [] },
    { jsonrpc: "1.0", id: "c", method: "getHealth" },
    7,
  ];
  expect(await (await post(chain.url, calls)).json()).toMatchObject([
    { id: "a", result: "ok" },
    { id: "b", error: { code: -32601 } },
    { id: "c", error: { code: -32600 } },
    { id: null, error: { code: -32602 } },
  ]);
  expect(await (await post(chain.url, [])).json()).toMatchObject({ id: null, error: { code: -32600 } });
});

test("parameters by name are refused", async () => {
  const call = { jsonrpc: "2.0", id: 1, method: "getBalance", params: { address: "x" } };
  expect(await (await post(chain.url, call)).json()).toMatchObject({ id: 1, error: { code: -32602 } });
});

test("a body that is no JSON is a parse error", async () => {
  expect(await (await post(chain.url, "{")).json()).toMatchObject({ id: null, error: { code: -32700 } });
});

test("a body of more than 50 KiB is refused, whether or not it says its length", async () => {
  const body = JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "getHealth",
    params: ["x".repeat(60 * 1024)],
  });
  expect((await post(chain.url, body)).status).toBe(413);
  const stream = new Blob([body]).stream();
  const headers = { "content-type": "application/json" };
  const answer = await fetch(chain.url, {
    method: "POST",
    headers,
    body: stream,
    duplex: "half",
  } as RequestInit);
  expect(answer.status).toBe(413);
});

test("only JSON that was posted is read", async () => {
  expect((await fetch(chain.url)).status).toBe(405);
  const text = { method: "POST", headers: { "content-type": "text/plain" }, body: "{}" };
  expect((await fetch(chain.url, text)).status).toBe(415);
  expect(await (await fetch(`${chain.url}/health`)).text()).toBe("ok");
});

test("nobody from outside can reach it", async () => {
  const addresses = Object.values(networkInterfaces())
    .flat()
    .filter((address) => address && !address.internal && address.family === "IPv4");
  for (const address of addresses) {
    const socket = connect(Number(new URL(chain.url).port), address?.address);
    const outcome = await new Promise((resolve) => {
      socket.once("connect", () => resolve("connected"));
      socket.once("error", () => resolve("refused"));
    });
    socket.destroy();
    expect(outcome).toBe("refused");
  }
  expect(new URL(chain.url).hostname).toBe("127.0.0.1");
});

test("calls are traced with what became of them", async () => {
  traced.length = 0;
  await callRpc(chain.url, "getHealth");
  await callRpc(chain.url, "getNothing");
  expect(traced).toEqual([
    { transport: "http", method: "getHealth", error: null },
    { transport: "http", method: "getNothing", error: -32601 },
  ]);
});
