import { DurableObject } from "cloudflare:workers";
import migrations from "@infernet/db/treasury/migrations";
import type { Escrow } from "@infernet/schemas/escrow";
import { Unit } from "@infernet/schemas/ledger";
import type { PayoutOrder } from "@infernet/schemas/payout";
import type { SolanaAddress } from "@infernet/schemas/solana";
import { uuidv7 } from "uuidv7";
import { feeBps } from "../jobs/fee-bps.ts";
import { openRail } from "../rails/open-rail.ts";
import { type Answer, answer } from "../rpc.ts";
import type { TreasuryContext } from "../treasury/context.ts";
import { refreshEscrow } from "../treasury/refresh-escrow.ts";
import { type Registration, registerEscrow } from "../treasury/register-escrow.ts";
import { takeOrder } from "../treasury/take-order.ts";
import { ObjectStore } from "./object-store.ts";

/** What providers are paid in one unit: their payouts, the payments that carry them, and the book of both. Named by the unit. */
export class Treasury extends DurableObject<Env> {
  readonly #store: ObjectStore;
  readonly #context: TreasuryContext;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new ObjectStore(ctx, migrations);
    const unit = Unit.parse(ctx.id.name);
    this.#context = {
      unit,
      db: this.#store.db,
      rail: () => openRail(env, unit),
      transact: (work) => ctx.storage.transactionSync(work),
      now: () => Date.now(),
      uuid: () => uuidv7().replaceAll("-", ""),
      tellProvider: (provider, result) => env.PROVIDER.getByName(provider).payoutDone(result),
      warn: (message, facts) => console.warn(JSON.stringify({ level: "warn", message, ...facts })),
    };
  }

  /** Has a payout made, once for each id. Throws `ledger_conflict` when its id was given to another. */
  take(order: PayoutOrder): Promise<Answer<void>> {
    return answer(async () => {
      await this.#store.create();
      takeOrder(this.#context, order);
    });
  }

  /**
   * Has jobs of an account paid from an escrow. Throws `escrow_unknown`, `escrow_expired`, `escrow_mint`,
   * `escrow_aggregator`, `escrow_fee`, `escrow_payees`, `escrow_taken`, `voucher_invalid`, `voucher_below_captured`,
   * `chain_unavailable` and `chain_contradicts`.
   */
  register(registration: Registration): Promise<Answer<Escrow>> {
    return answer(async () => {
      await this.#store.create();
      return registerEscrow(this.#context, registration, feeBps(this.env));
    });
  }

  /** A registered escrow, read anew. Throws `escrow_unknown`, `chain_unavailable` and `chain_contradicts`. */
  refresh(escrow: SolanaAddress): Promise<Answer<Escrow>> {
    return answer(async () => {
      await this.#store.create();
      return refreshEscrow(this.#context, escrow);
    });
  }
}
