import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { payeeRoot, payeeTree } from "../solana/layout.ts";
import { addressBytes } from "./address.ts";
import { deriveEscrow } from "./derive-addresses.ts";
import { startTestChain, type TestChain } from "./testing/devnet.ts";
import { renderVoucher, signVoucher } from "./voucher.ts";

/** As wrangler bundles a Worker. */
async function bundle(external: string[] = []): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("testing/worker.ts", import.meta.url))],
    bundle: true,
    external,
    minify: true,
    write: false,
    format: "esm",
    target: "es2024",
    platform: "browser",
    conditions: ["workerd", "worker", "browser"],
  });
  return outputFiles[0]?.text ?? "";
}

describe("the client inside workerd", () => {
  let world: TestChain;
  let miniflare: Miniflare;
  beforeAll(async () => {
    world = await startTestChain();
    miniflare = new Miniflare(
      convertV4MiniflareOptions({
        modules: true,
        script: await bundle(),
        compatibilityDate: "2026-10-20",
        cf: false,
        bindings: {
          RPC: world.chain.url,
          GENESIS: world.settings.genesis_hash,
          PROGRAM: world.program,
          AGGREGATOR_SEED: new Array(32).fill(2),
        },
      }),
    );
    await miniflare.ready;
  });
  afterAll(async () => {
    await miniflare.dispose();
    await world.chain.close();
  });

  it("reads an escrow and releases from it, without Node's modules and without a socket", async () => {
    const [client, aggregator, payee] = [
      await world.person(1, 1_000n),
      await world.person(2),
      await world.person(3),
    ];
    const owners = [payee.address];
    const id = new Uint8Array(32);
    const opening = await world.client.prepareOpen(
      {
        client,
        mint: world.mint,
        aggregator: aggregator.address,
        id,
        fee_bps: 0,
        payees: { kind: "committed", root: payeeRoot(payeeTree(owners.map(addressBytes))) },
        deadline: world.inSeconds(3_600),
        amount: 1_000n,
      },
      { fee_payer: client },
    );
    await world.client.settle(opening, { patience_ms: 20_000, step_ms: 20 });
    const escrow = deriveEscrow(world.program, client.address, id).address;
    const { opened_slot } = await world.client.readEscrow(escrow);
    const voucher = renderVoucher(await signVoucher(client, { escrow, opened_slot, limit: 400n }));

    const response = await miniflare.dispatchFetch("http://worker.example/", {
      method: "POST",
      body: JSON.stringify({ escrow, owners, amount: "400", voucher }),
    });
    expect(await response.json()).toEqual({
      mint: world.mint,
      outcome: { state: "landed", slot: expect.any(Number) },
    });
    expect(await world.balance(payee.address)).toBe(400n);
  });

  it("adds less than 120 KiB to a Worker, compressed, beside zod", async () => {
    const script = await bundle(["zod"]);
    expect(gzipSync(script).length / 1_024).toBeLessThan(120);
  });
});
