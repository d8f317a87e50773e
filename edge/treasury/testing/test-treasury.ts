import { env, runInDurableObject } from "cloudflare:test";
import { auditStore } from "@infernet/db/ledger/audit-store";
import migrations from "@infernet/db/treasury/migrations";
import { readPayout } from "@infernet/db/treasury/payouts";
import { auditLedger } from "@infernet/protocol/ledger/audit-ledger";
import { formatAccountId, formatRunnerId, type RunnerId } from "@infernet/schemas/ids";
import { type PayoutId, PayoutOrder, type PayoutResult } from "@infernet/schemas/payout";
import type { Treasury } from "@infernet/schemas/treasury";
import { drizzle } from "drizzle-orm/durable-sqlite";
import { migrate } from "drizzle-orm/durable-sqlite/migrator";
import { uuidv7 } from "uuidv7";
import type { Rail } from "../../rails/rail.ts";
import { FakeChain } from "../../rails/testing/fake-chain.ts";
import { releasedFrom } from "../book.ts";
import type { TreasuryContext } from "../context.ts";
import { registerEscrow } from "../register-escrow.ts";
import { renderTreasury } from "../render-treasury.ts";
import { runTreasury } from "../run-treasury.ts";
import { takeOrder } from "../take-order.ts";
import { Crash, type CrashPoint, Mortal } from "./mortal.ts";

const providerOf = (n: number): RunnerId => formatRunnerId(new Uint8Array(32).fill(n));
const ACCOUNT = formatAccountId(uuidv7());

/**
 * A treasury over a store of its own, which pays on a chain in memory. Its clock is the test's, and each run is by a fresh
 * instance that knows only what is stored.
 */
export class TestTreasury extends Mortal {
  readonly chain = new FakeChain();
  readonly told: PayoutResult[] = [];
  readonly warned: string[] = [];
  /** Providers that are not reached just now. */
  readonly deaf = new Set<RunnerId>();
  now_ms = Date.now();
  #isMade = false;
  readonly #stub = env.TREASURY.getByName(`test:${uuidv7()}`);

  /** Ready providers, bonded and waiting to be paid. */
  addProviders(count: number): RunnerId[] {
    const providers = Array.from({ length: count }, (_, n) => providerOf(n + 1));
    for (const provider of providers) this.chain.addPayee(provider);
    return providers;
  }

  /** Work with a context of a fresh instance. */
  with<T>(work: (ctx: TreasuryContext) => T | Promise<T>): Promise<T> {
    return runInDurableObject(this.#stub, async (_, { storage }) => {
      const db = drizzle(storage);
      if (!this.#isMade) await migrate(db, migrations);
      this.#isMade = true;
      this.revive();
      return work({
        unit: FakeChain.UNIT,
        db,
        rail: async () => this.#mortal(this.chain.rail()),
        transact: (work) => {
          const done = storage.transactionSync(work);
          this.#dieAfter("stored", db);
          return done;
        },
        now: () => {
          this.assertAlive();
          return this.now_ms;
        },
        uuid: () => uuidv7().replaceAll("-", ""),
        tellProvider: async (provider, result) => {
          if (this.deaf.has(provider)) throw new Error("the provider's object is away");
          this.told.push(result);
        },
        warn: (message, { detail, error }) => void this.warned.push(`${message}: ${String(detail ?? error)}`),
      });
    });
  }

  register(fee_bps = 100) {
    return this.with((ctx) =>
      registerEscrow(ctx, { account_id: ACCOUNT, escrow: FakeChain.ESCROW, voucher: "a voucher" }, fee_bps),
    );
  }

  async take(provider: RunnerId, micro: bigint, fee = 0n): Promise<PayoutId> {
    const order = PayoutOrder.parse({
      id: `pay_${uuidv7().replaceAll("-", "")}`,
      provider,
      unit: FakeChain.UNIT,
      escrow: FakeChain.ESCROW,
      micro: micro.toString(),
      fee_micro: fee.toString(),
      address: null,
      ordered_ms: this.now_ms,
    });
    for (;;) {
      try {
        await this.with((ctx) => takeOrder(ctx, order));
        return order.id;
      } catch (error) {
        // Nobody acknowledged: the provider's object sends it again.
        if (!(error instanceof Crash)) throw error;
      }
    }
  }

  /** One alarm. A crash ends it where it is. @returns when the next is to ring, in Unix ms */
  async run(): Promise<number | null> {
    try {
      return await this.with(runTreasury);
    } catch (error) {
      if (error instanceof Crash) return this.now_ms;
      throw error;
    }
  }

  /** Alarms as they come, until nothing is left to be done within `until_ms` of now. */
  async settle(until_ms = 30_000): Promise<void> {
    const end_ms = this.now_ms + until_ms;
    for (let runs = 0; runs < 200; runs += 1) {
      const next_ms = await this.run();
      if (next_ms === null || next_ms > end_ms) return;
      this.now_ms = Math.max(this.now_ms + 1, next_ms);
    }
    throw new Error("the treasury does not come to rest");
  }

  async stateOf(id: PayoutId) {
    return this.with(({ db }) => readPayout(db, id));
  }

  view(): Promise<Treasury> {
    return this.with((ctx) => renderTreasury(ctx, null, true));
  }

  /** What is wrong with the book, also against the chain. */
  audit(): Promise<string[]> {
    return this.with(({ db, unit }) => {
      const released = releasedFrom(db, unit, FakeChain.ESCROW);
      const paid = this.chain.escrow?.paid ?? 0n;
      const apart = released === paid ? [] : [`the chain released ${paid}, the book says ${released}`];
      return [...auditStore(db, auditLedger), ...apart];
    });
  }

  #mortal(rail: Rail): Rail {
    return {
      ...rail,
      prepare: async (terms) => {
        const preparation = await rail.prepare(terms);
        this.dieAt("prepared");
        return preparation;
      },
      advance: async (step) => {
        const outcome = await rail.advance(step);
        this.dieAt("sent");
        return outcome;
      },
    };
  }

  /** The transaction that stored a payment is known by the payment. */
  #dieAfter(point: CrashPoint, db: TreasuryContext["db"]): void {
    const [{ open } = { open: 0 }] = db.all<{ open: number }>(
      "SELECT count(*) AS open FROM payments WHERE state = 'open'",
    );
    if (open > 0) this.dieAt(point);
  }
}
