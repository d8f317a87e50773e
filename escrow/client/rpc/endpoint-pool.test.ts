import { afterEach, describe, expect, it } from "vitest";
import { GENESIS } from "../cluster.ts";
import { type RpcStub, type StubAnswer, startRpcStub } from "../testing/rpc-server.ts";
import { createEndpoint } from "./endpoint.ts";
import { createEndpointPool, type EndpointPool } from "./endpoint-pool.ts";

const stubs: RpcStub[] = [];
const pauses: number[] = [];
afterEach(async () => {
  await Promise.all(stubs.splice(0).map((stub) => stub.close()));
  pauses.length = 0;
});

type Behaviour = (call: number) => StubAnswer;
const works: Behaviour = () => ({ result: 7 });

async function poolOf(
  behaviours: readonly Behaviour[],
  genesis: string = GENESIS.devnet,
  rounds_max = 3,
): Promise<EndpointPool> {
  for (const behave of behaviours) stubs.push(await startRpcStub((_, __, call) => behave(call), genesis));
  return createEndpointPool({
    endpoints: stubs.map(({ url }, i) =>
      createEndpoint({
        url,
        name: `endpoint ${i + 1}`,
        genesis_hash: GENESIS.devnet,
        timeout_ms: 1_000,
        fetch: (to, init) => fetch(to, init),
      }),
    ),
    rounds_max,
    sleep: async (ms) => void pauses.push(ms),
    random: () => 0.5,
  });
}

const slot = (pool: EndpointPool): Promise<number> => pool.ask((connection) => connection.getSlot());
const callCounts = (): number[] => stubs.map(({ calls }) => calls.length);

describe("several endpoints", () => {
  it.each<[string, StubAnswer]>([
    ["HTTP 429", { status: 429 }],
    ["HTTP 500", { status: 500 }],
    ["HTTP 403", { status: 403 }],
    ["a reset connection", "reset"],
    ["no answer", "hang"],
    ["text that is not JSON", { text: "<html>" }],
    ["JSON that is not an answer", { text: '{"jsonrpc":"2.0","id":"1","result":{}}' }],
    ["being behind", { error: -32_005 }],
  ])("answer by the second when the first fails with %s", async (_, failure) => {
    const pool = await poolOf([() => failure, works]);
    expect(await slot(pool)).toBe(7);
    expect([callCounts(), pauses]).toEqual([[1, 1], []]);
  });

  it("stay with the one that worked", async () => {
    const pool = await poolOf([() => ({ status: 500 }), works]);
    for (let i = 0; i < 3; i += 1) await slot(pool);
    expect(callCounts()).toEqual([1, 3]);
  });

  it("are gone through again, after a pause that doubles", async () => {
    const pool = await poolOf([(call) => (call < 3 ? { status: 503 } : { result: 9 }), () => "reset"]);
    expect(await slot(pool)).toBe(9);
    expect([callCounts(), pauses]).toEqual([
      [3, 2],
      [250, 500],
    ]);
  });

  it("are given up after so many rounds, with a reason for each and no URL", async () => {
    const pool = await poolOf([() => ({ status: 503 }), () => "reset"]);
    await expect(slot(pool)).rejects.toMatchObject({
      code: "rpc_unavailable",
      retryable: true,
      message: "0 of 1 answers came: endpoint 1: HTTP status 503; endpoint 2: no connection",
    });
    expect(callCounts()).toEqual([3, 3]);
  });

  it("have a time to answer in", async () => {
    const pool = await poolOf([() => "hang"], GENESIS.devnet, 1);
    await expect(slot(pool)).rejects.toMatchObject({
      message: "0 of 1 answers came: endpoint 1: no answer within 1000 ms",
    });
  });

  it("are not asked again when they refuse for good", async () => {
    const pool = await poolOf([() => ({ status: 401 }), () => ({ error: -32_601 })]);
    await expect(slot(pool)).rejects.toMatchObject({ code: "rpc_unavailable" });
    expect([callCounts(), pauses]).toEqual([[1, 1], []]);
  });

  it("give two answers from two of them", async () => {
    const pool = await poolOf([() => ({ status: 500 }), () => ({ result: 1 }), () => ({ result: 2 })]);
    expect(await pool.askTwo((connection) => connection.getSlot())).toEqual([1, 2]);
  });

  it("give no two answers from one", async () => {
    const pool = await poolOf([works, () => ({ status: 500 })]);
    await expect(pool.askTwo((connection) => connection.getSlot())).rejects.toMatchObject({
      code: "rpc_unavailable",
      message: "1 of 2 answers came: endpoint 2: HTTP status 500",
    });
  });

  it("are asked nothing when they serve another cluster", async () => {
    const pool = await poolOf([works], GENESIS.mainnet);
    await expect(slot(pool)).rejects.toMatchObject({ code: "wrong_cluster" });
    expect(callCounts()).toEqual([0]);
  });

  it("are asked once which cluster they serve", async () => {
    const pool = await poolOf([works]);
    for (let i = 0; i < 3; i += 1) await slot(pool);
    expect(stubs.map(({ checks }) => checks)).toEqual([1]);
  });

  it("do not hide a mistake in the question", async () => {
    const pool = await poolOf([works, works]);
    const asking = pool.ask(() => Promise.reject(new TypeError("a mistake")));
    await expect(asking).rejects.toThrow(new TypeError("a mistake"));
  });
});
