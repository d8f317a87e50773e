import { afterEach, describe, expect, it } from "vitest";
import { parseAddress } from "../address.ts";
import { GENESIS } from "../cluster.ts";
import { createEscrowClient } from "../create-escrow-client.ts";
import type { EscrowClient } from "../escrow-client.ts";
import { TOKEN } from "../instructions/role.ts";
import { type RpcStub, type StubAnswer, startRpcStub } from "../testing/rpc-server.ts";
import { plainAddress } from "../testing/seeds.ts";

const stubs: RpcStub[] = [];
afterEach(async () => {
  await Promise.all(stubs.splice(0).map((stub) => stub.close()));
});

/** A token account of so many base units, as an endpoint tells it. */
function holding(amount: number, slot: number): StubAnswer {
  const data = Buffer.alloc(165);
  data.writeUInt32LE(amount, 64);
  data[108] = 1;
  const account = {
    data: [data.toString("base64"), "base64"],
    owner: TOKEN,
    lamports: 1,
    executable: false,
    rentEpoch: 0,
    space: 165,
  };
  return { result: { context: { slot }, value: [account] } };
}

async function clientOf(...tell: readonly ((call: number) => StubAnswer)[]): Promise<EscrowClient> {
  for (const answer of tell) stubs.push(await startRpcStub((_, __, call) => answer(call)));
  const settings = {
    endpoints: stubs.map(({ url }) => url),
    genesis_hash: parseAddress(GENESIS.devnet),
    program: plainAddress(1),
    cross_check: true,
    rounds_max: 1,
  };
  const world = { sleep: async () => undefined, now_ms: () => 0, random: () => 0 };
  return createEscrowClient(settings, { ...world, fetch: (url, init) => fetch(url, init) });
}

const amountOf = async (client: EscrowClient): Promise<unknown> => {
  const [account] = await client.readTokenAccounts([plainAddress(2)]);
  return account?.state === "ready" ? account.amount : account?.state;
};

describe("an account that two endpoints are asked for", () => {
  it("is what both say", async () => {
    expect(
      await amountOf(
        await clientOf(
          () => holding(5, 10),
          () => holding(5, 12),
        ),
      ),
    ).toBe(5n);
  });

  it("is what both say a moment later, when it was just changing", async () => {
    const late = (call: number) => holding(call < 3 ? 5 : 6, 10 + call);
    expect(await amountOf(await clientOf(() => holding(6, 13), late))).toBe(6n);
  });

  it("is refused when they go on contradicting each other", async () => {
    const client = await clientOf(
      () => holding(5, 10),
      () => holding(5_000_000, 10),
    );
    await expect(amountOf(client)).rejects.toMatchObject({
      code: "rpc_contradicts",
      message: `two endpoints hold ${plainAddress(2)} differently, at slots 10 and 10`,
    });
    expect(stubs.map(({ calls }) => calls.length)).toEqual([4, 4]);
  });

  it("is not taken from one alone", async () => {
    const client = await clientOf(
      () => holding(5, 10),
      () => ({ status: 500 }),
    );
    await expect(amountOf(client)).rejects.toMatchObject({ code: "rpc_unavailable" });
  });
});
