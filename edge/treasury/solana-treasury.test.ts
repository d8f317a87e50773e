import { env, runInDurableObject } from "cloudflare:test";
import { auditStore } from "@infernet/db/ledger/audit-store";
import migrations from "@infernet/db/treasury/migrations";
import { readPayout } from "@infernet/db/treasury/payouts";
import { parseAddress } from "@infernet/escrow/client/address";
import { createEscrowClient, type EscrowClientWorld } from "@infernet/escrow/client/create-escrow-client";
import { deriveTokenAccount } from "@infernet/escrow/client/token-account";
import { payeeRoot, payeeTree } from "@infernet/escrow/solana/layout";
import { auditLedger } from "@infernet/protocol/ledger/audit-ledger";
import { createDraw } from "@infernet/protocol/testing/seeded-draw";
import { formatAccountId } from "@infernet/schemas/ids";
import { PayoutOrder, type PayoutResult } from "@infernet/schemas/payout";
import { SolanaAddress } from "@infernet/schemas/solana";
import { drizzle } from "drizzle-orm/durable-sqlite";
import { migrate } from "drizzle-orm/durable-sqlite/migrator";
import { uuidv7 } from "uuidv7";
import { beforeAll, describe, expect, it } from "vitest";
import { createSolanaRail } from "../rails/solana-rail.ts";
import { parseSolanaSettings } from "../rails/solana-settings.ts";
import { USDC_SOLANA } from "../rails/solana-unit.ts";
import {
  openSolanaWorld,
  type SolanaWorld,
  type TestEscrow,
  type TestProvider,
} from "../rails/testing/solana-world.ts";
import { releasedFrom } from "./book.ts";
import type { TreasuryContext } from "./context.ts";
import { refreshEscrow } from "./refresh-escrow.ts";
import { registerEscrow } from "./register-escrow.ts";
import { runTreasury } from "./run-treasury.ts";
import { takeOrder } from "./take-order.ts";

let world: SolanaWorld;
beforeAll(async () => {
  world = await openSolanaWorld();
}, 60_000);

const SEED = Date.now() % 2 ** 31;
const ACCOUNT = formatAccountId(uuidv7());
const stub = env.TREASURY.getByName(`test:${uuidv7()}`);
const told: PayoutResult[] = [];
/** How far the treasury's clock is ahead, so that nobody waits for its pauses. */
let clock_ms = 0;

/** The world of a client that need not wait between rounds. */
const REAL = { sleep: async () => {}, now_ms: Date.now, random: Math.random };
type Fetch = EscrowClientWorld["fetch"];

/** Work with a fresh context of one treasury on the tests' chain. @param ask how its endpoint is asked */
function inTreasury<T>(
  work: (ctx: TreasuryContext) => T | Promise<T>,
  ask: Fetch = (url, init) => fetch(url, init),
): Promise<T> {
  return runInDurableObject(stub, async (_, { storage }) => {
    const db = drizzle(storage);
    await migrate(db, migrations);
    return work({
      unit: USDC_SOLANA,
      db,
      rail: async () => {
        const settings = parseSolanaSettings(world.env);
        return (
          settings &&
          createSolanaRail(settings, Date.now, createEscrowClient(settings.client, { ...REAL, fetch: ask }))
        );
      },
      transact: (work) => storage.transactionSync(work),
      now: () => Date.now() + clock_ms,
      uuid: () => uuidv7().replaceAll("-", ""),
      tellProvider: async (_, result) => void told.push(result),
      warn: () => {},
    });
  });
}

const register = (escrow: SolanaAddress, voucher: string, account_id = ACCOUNT, fee_bps = 100) =>
  inTreasury((ctx) => registerEscrow(ctx, { account_id, escrow, voucher }, fee_bps));

const order = (provider: TestProvider, escrow: TestEscrow, micro: bigint, fee = 0n): PayoutOrder =>
  PayoutOrder.parse({
    id: `pay_${uuidv7().replaceAll("-", "")}`,
    provider: provider.id,
    unit: USDC_SOLANA,
    escrow: escrow.address,
    micro: micro.toString(),
    fee_micro: fee.toString(),
    address: null,
    ordered_ms: Date.now(),
  });

/** Has these ordered, and the treasury run until all are paid, at the pace of the tests. */
async function pay(orders: readonly PayoutOrder[], ask?: Fetch): Promise<void> {
  await inTreasury((ctx) => {
    for (const one of orders) takeOrder(ctx, one);
  });
  for (let n = 0; n < 300; n += 1) {
    await inTreasury(runTreasury, ask);
    const states = await inTreasury(({ db }) => orders.map(({ id }) => readPayout(db, id)?.state));
    if (states.every((one) => one === "paid")) return;
    clock_ms += 2_000;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  throw new Error("the payouts are not paid");
}

describe("registering an escrow", () => {
  let escrow: TestEscrow;
  beforeAll(async () => {
    escrow = await world.openEscrow();
  });

  it("says what jobs can cost: what lies in it, and never more than the voucher allows", async () => {
    expect(await register(escrow.address, await escrow.voucher(4_000_000n))).toMatchObject({
      escrow: escrow.address,
      client: escrow.client.address,
      deposited_micro: "10000000",
      limit_micro: "4000000",
      spendable_micro: "4000000",
      paid_micro: "0",
      min_bond_micro: "1000",
      fee_bps: 200,
    });
    const raised = await register(escrow.address, await escrow.voucher(12_000_000n));
    expect(raised.spendable_micro).toBe("10000000");
  });

  it("counts what is paid into it later", async () => {
    const funder = await world.person(500n);
    const top = { escrow: parseAddress(escrow.address), funder, amount: 500n };
    await world.land(() => world.client.prepareTopUp(top, { fee_payer: funder }));
    const view = await inTreasury((ctx) => refreshEscrow(ctx, escrow.address));
    expect([view.deposited_micro, view.spendable_micro]).toEqual(["10000500", "10000500"]);
  });

  const refusals: [string, string, () => Promise<unknown>][] = [
    [
      "another account has it",
      "escrow_taken",
      async () => register(escrow.address, await escrow.voucher(12_000_000n), formatAccountId(uuidv7())),
    ],
    [
      "the voucher allows less than one before",
      "voucher_below_captured",
      async () => register(escrow.address, await escrow.voucher(11_999_999n)),
    ],
    [
      "somebody else signed the voucher",
      "voucher_invalid",
      async () => register(escrow.address, await escrow.voucher(12_000_000n, await world.person())),
    ],
    [
      "the voucher is for another escrow",
      "voucher_invalid",
      async () => register(escrow.address, await (await world.openEscrow()).voucher(1n)),
    ],
    ["the voucher is no voucher", "voucher_invalid", () => register(escrow.address, "hello")],
    [
      "there is none",
      "escrow_unknown",
      async () => register(SolanaAddress.parse(world.aggregator.address), await escrow.voucher(1n)),
    ],
    ["its fee is too low", "escrow_fee", () => openAndRegister({ fee_bps: 99 })],
    [
      "its deadline is near",
      "escrow_expired",
      () => openAndRegister({ deadline: BigInt(Math.floor(Date.now() / 1_000) + 86_400) }),
    ],
    [
      "it is for another aggregator",
      "escrow_aggregator",
      async () => openAndRegister({ aggregator: (await world.person()).address }),
    ],
    [
      "its payees are a committed set",
      "escrow_payees",
      () =>
        openAndRegister({ payees: { kind: "committed", root: payeeRoot(payeeTree([new Uint8Array(32)])) } }),
    ],
    [
      "it holds another coin",
      "escrow_mint",
      async () => {
        const other = await openSolanaWorld();
        const foreign = await other.openEscrow({ aggregator: world.aggregator.address });
        return register(foreign.address, await foreign.voucher(1n));
      },
    ],
    [
      "the chain is away",
      "chain_unavailable",
      () =>
        inTreasury(
          async (ctx) =>
            registerEscrow(
              ctx,
              { account_id: ACCOUNT, escrow: escrow.address, voucher: await escrow.voucher(1n) },
              100,
            ),
          () => Promise.reject(new Error("no connection")),
        ),
    ],
  ];
  it.each(refusals)("is refused when %s: %s", async (_, code, attempt) => {
    const error: unknown = await attempt().then(
      () => null,
      (error: unknown) => error,
    );
    expect(error).toMatchObject({ code });
  });
});

async function openAndRegister(changes: Parameters<SolanaWorld["openEscrow"]>[0]): Promise<unknown> {
  const { address, voucher } = await world.openEscrow(changes);
  return register(address, await voucher(1_000n));
}

describe("payouts from an escrow on the chain", () => {
  it("reach providers that have bonded, in one release with its fee, and a frozen one holds nobody up", async () => {
    const [escrow, one, two, frozen, unbonded] = await Promise.all([
      world.openEscrow(),
      world.provider(1_000n),
      world.provider(1_000n),
      world.provider(1_000n),
      world.provider(0n),
    ]);
    await register(escrow.address, await escrow.voucher(10_000_000n));
    const account = deriveTokenAccount(frozen.key.address, world.mint);
    await world.call("devchain_setFrozen", { mint: world.mint, account, frozen: true });
    const stuck = [order(frozen, escrow, 10_000n), order(unbonded, escrow, 10_000n)];
    await inTreasury((ctx) => {
      for (const each of stuck) takeOrder(ctx, each);
    });
    await pay([
      order(one, escrow, 200_000n, 2_000n),
      order(two, escrow, 300_000n, 3_000n),
      order(one, escrow, 50_000n),
    ]);

    expect(await world.balance(one.key.address)).toBe(250_000n);
    expect(await world.balance(two.key.address)).toBe(300_000n);
    expect(await world.balance(world.aggregator.address)).toBe(5_000n);
    const { releases, paid } = await world.client.readEscrow(parseAddress(escrow.address));
    expect([releases, paid]).toEqual([1, 555_000n]);
    expect(new Set(told.map(({ reference }) => reference)).size).toBe(1);
    await inTreasury(({ db, unit }) => {
      expect(releasedFrom(db, unit, escrow.address)).toBe(555_000n);
      expect(auditStore(db, auditLedger)).toEqual([]);
      for (const { id } of stuck) expect(readPayout(db, id)).toMatchObject({ state: "due", attempts: 1 });
    });
  });

  it("reach everybody, in several releases, when there are more providers than one release holds", async () => {
    const escrow = await world.openEscrow();
    const providers = await Promise.all(Array.from({ length: 9 }, () => world.provider(1_000n)));
    await register(escrow.address, await escrow.voucher(10_000_000n));
    await pay(providers.map((provider) => order(provider, escrow, 20_000n)));
    for (const { key } of providers) expect(await world.balance(key.address)).toBe(20_000n);
    expect((await world.client.readEscrow(parseAddress(escrow.address))).releases).toBe(2);
  });

  it(`are made once while requests are refused and answers are lost (seed ${SEED})`, async () => {
    const [escrow, one] = await Promise.all([world.openEscrow(), world.provider(1_000n)]);
    await register(escrow.address, await escrow.voucher(10_000_000n));
    const draw = createDraw(SEED);
    const faulty: Fetch = async (url, init) => {
      const fate = draw(10);
      if (fate < 2) return new Response("", { status: 503 });
      const response = await fetch(url, init);
      if (fate > 3) return response;
      await response.body?.cancel();
      throw new Error("the connection was reset");
    };
    for (let n = 0; n < 5; n += 1) await pay([order(one, escrow, 20_000n)], faulty);
    expect(await world.balance(one.key.address)).toBe(100_000n);
    expect((await world.client.readEscrow(parseAddress(escrow.address))).releases).toBe(5);
  });
});
