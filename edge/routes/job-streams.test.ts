import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { decodeBinary, encodeBinary } from "@infernet/schemas/binary";
import { formatJobId, formatPartition } from "@infernet/schemas/ids";
import { JobEvent } from "@infernet/schemas/job-event";
import { LIMITS } from "@infernet/schemas/limits";
import { StreamDown, type StreamUp } from "@infernet/schemas/llm/stream-message";
import { uuidv7 } from "uuidv7";
import { afterEach, beforeEach, expect, test } from "vitest";
import { aggregatorOf } from "../aggregator/aggregator-of.ts";
import { Maker, textJob, textOf } from "../aggregator/testing/streams.ts";
import { unwrap } from "../rpc.ts";
import { callEdge } from "../testing/call-edge.ts";
import { migrateIndex } from "../testing/migrate-index.ts";
import { createTestAccount } from "../testing/test-account.ts";
import { createTestRunner } from "../testing/test-runner.ts";

beforeEach(migrateIndex);
afterEach(reset);

async function open() {
  const account = await createTestAccount();
  const runner = await createTestRunner();
  const id = formatJobId(formatPartition(3), uuidv7());
  const job = textJob({}, { id, account_id: account.id });
  const aggregator = aggregatorOf(env, id);
  await aggregator.create(job);
  const asked = { job_id: id, runner: runner.id, leases_max: 1, runners: 1, passed: 0, referee: false };
  const [lease] = (await aggregator.lease(asked)).leases;
  const maker = new Maker(runner, lease ?? expect.fail("no lease"));
  return { account, runner, id, aggregator, maker };
}

async function connect(
  runner: Awaited<ReturnType<typeof createTestRunner>>,
  path: string,
): Promise<WebSocket> {
  const init = { headers: { Upgrade: "websocket" } };
  const { webSocket } = await runner.call(path, init);
  if (webSocket === null) expect.fail("no WebSocket");
  webSocket.binaryType = "arraybuffer";
  webSocket.accept();
  return webSocket;
}

/** Events of a job's stream, with their ids. */
async function* events(response: Response): AsyncGenerator<{ id: string; event: JobEvent }> {
  const decoder = new TextDecoder();
  let unfinished = "";
  for await (const chunk of response.body ?? []) {
    const blocks = (unfinished + decoder.decode(chunk, { stream: true })).split("\n\n");
    unfinished = blocks.pop() ?? "";
    for (const block of blocks) {
      const id = /^id: (.*)$/m.exec(block)?.[1];
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (id !== undefined && data !== undefined) yield { id, event: JobEvent.parse(JSON.parse(data)) };
    }
  }
}

test("tokens go over a runner's WebSocket into the job's events, whose ids resume after the last token", async () => {
  const { account, runner, id, aggregator, maker } = await open();
  const socket = await connect(runner, `/runner/stream?job=${id}`);
  const downs: StreamDown[] = [];
  socket.addEventListener("message", ({ data }) => {
    if (data instanceof ArrayBuffer) downs.push(StreamDown.parse(decodeBinary(new Uint8Array(data))));
  });
  const send = (up: StreamUp) => socket.send(encodeBinary(up));
  const { headers } = account;
  const first = await callEdge(`/jobs/${id}/events`, { headers });
  send({ deltas: [await maker.make(5)] });
  let text = "";
  let last = "";
  for await (const next of events(first)) {
    last = next.id;
    text += next.event.tokens?.parts.map((part) => part.text).join("") ?? "";
    if (next.event.type === "tokens") break;
  }
  expect(text).toBe(textOf(0, 5));
  expect(last).toMatch(/^\d+\.5$/);
  send({ deltas: [await maker.make(30), await maker.make(5, true)] });
  await expect.poll(() => downs.flatMap(({ kept }) => kept).at(-1)).toMatchObject({ positions: 40 });
  await aggregator.submit(runner.id, [await maker.answer(40)]);
  const again = await callEdge(`/jobs/${id}/events`, { headers: { ...headers, "Last-Event-ID": last } });
  const types: string[] = [];
  for await (const { event } of events(again)) {
    types.push(event.type);
    text += event.tokens?.parts.map((part) => part.text).join("") ?? "";
  }
  expect(text).toBe(textOf(0, 40));
  expect(types).toContain("completion.finished");
  expect(types.at(-1)).toBe("job.succeeded");
  socket.close();
});

test("tokens go over posts too, where no WebSocket gets through", async () => {
  const { runner, maker } = await open();
  const body = encodeBinary({ deltas: [await maker.make(32)] });
  const answer = await runner.call("/runner/stream", {
    method: "POST",
    headers: { "Content-Type": "application/cbor" },
    body,
  });
  const down = StreamDown.parse(decodeBinary(new Uint8Array(await answer.arrayBuffer())));
  expect(down).toEqual({ kept: [{ lease_id: maker.lease.id, positions: 32 }], resend: [], ended: [] });
});

test("a runner whose connection breaks loses its lease unless it is back in time", async () => {
  const { account, runner, id, aggregator, maker } = await open();
  const socket = await connect(runner, `/runner/stream?job=${id}`);
  socket.send(encodeBinary({ deltas: [await maker.make(5)] }));
  for await (const { event } of events(await callEdge(`/jobs/${id}/events`, { headers: account.headers })))
    if (event.type === "tokens") break;
  socket.close();
  const types = async () =>
    unwrap(await aggregator.events(account.id, id, -1, 0)).events.map(({ type }) => type);
  await expect.poll(types, { timeout: 5_000 }).toContain("shards.returned");
});

test("a runner without a lease is told so, and is not listened to for long", async () => {
  const { id, maker } = await open();
  const stranger = await createTestRunner();
  const socket = await connect(stranger, `/runner/stream?job=${id}`);
  const closed = new Promise<number>((resolve) => {
    socket.addEventListener("close", ({ code }) => resolve(code));
  });
  const up = encodeBinary({ deltas: [maker.beat()] });
  for (let n = 0; n <= LIMITS.stream_useless_max; n += 1) socket.send(up);
  expect(await closed).toBe(1008);
});

test("messages that are none close the connection, and a route without an upgrade says what it needs", async () => {
  const { runner, id } = await open();
  const socket = await connect(runner, `/runner/stream?job=${id}`);
  const closed = new Promise<number>((resolve) =>
    socket.addEventListener("close", ({ code }) => resolve(code)),
  );
  socket.send("rubbish");
  expect(await closed).toBe(1007);
  expect((await runner.call(`/runner/stream?job=${id}`)).status).toBe(400);
});
