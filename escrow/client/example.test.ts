import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openAndPromise } from "./example.ts";
import { startTestChain, type TestChain } from "./testing/devnet.ts";
import { seedSigner } from "./testing/seeds.ts";
import type { SignedTransaction } from "./transaction/signed-transaction.ts";
import { parseVoucher, verifyVoucher } from "./voucher.ts";

const read = (name: string): Promise<string> => readFile(new URL(name, import.meta.url), "utf8");

describe("the example", () => {
  let world: TestChain;
  beforeAll(async () => {
    world = await startTestChain();
  });
  afterAll(() => world.chain.close());

  it("is what the README shows", async () => {
    const [, shown] = (await read("README.md")).match(/```ts\n([\s\S]*?)```/) ?? [];
    expect(shown).toBe(await read("example.ts"));
  });

  it("opens an escrow and gives a voucher that its aggregator can use", async () => {
    const client = await world.person(1, 20_000_000n);
    const aggregator = await world.person(2);
    const stored: SignedTransaction[] = [];
    const { escrow, voucher } = await openAndPromise({
      settings: world.settings,
      seed: new Uint8Array(32).fill(1),
      mint: world.mint,
      aggregator: aggregator.address,
      payees: [(await seedSigner(3)).address],
      store: async (transaction) => void stored.push(transaction),
    });
    expect(stored).toHaveLength(1);
    expect(await world.client.readDeposit(escrow)).toMatchObject({ balance: 20_000_000n });
    expect(await verifyVoucher(client.address, parseVoucher(voucher))).toBe(true);
  });
});
