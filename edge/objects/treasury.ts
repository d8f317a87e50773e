import { DurableObject } from "cloudflare:workers";
import migrations from "@infernet/db/treasury/migrations";
import { listPayouts } from "@infernet/db/treasury/payouts";
import { insertSlashing } from "@infernet/db/treasury/slashings";
import { InfernetError } from "@infernet/schemas/errors";
import type { Escrow } from "@infernet/schemas/escrow";
import { Unit } from "@infernet/schemas/ledger";
import { LIMITS } from "@infernet/schemas/limits";
import type { Page, PageQuery } from "@infernet/schemas/page";
import type { PayoutId, PayoutOrder } from "@infernet/schemas/payout";
import type { SlashEvidence } from "@infernet/schemas/slashing";
import type { SolanaAddress } from "@infernet/schemas/solana";
import type { PayoutState, TreasuryPayout, Treasury as TreasuryView } from "@infernet/schemas/treasury";
import { uuidv7 } from "uuidv7";
import { feeBps } from "../jobs/fee-bps.ts";
import { openRail } from "../rails/open-rail.ts";
import type { Rail } from "../rails/rail.ts";
import { type Answer, answer } from "../rpc.ts";
import { acknowledgePlace } from "../treasury/acknowledge-place.ts";
import type { TreasuryContext } from "../treasury/context.ts";
import { refreshEscrow } from "../treasury/refresh-escrow.ts";
import { type Registration, registerEscrow } from "../treasury/register-escrow.ts";
import { renderPayout, renderTreasury } from "../treasury/render-treasury.ts";
import { runTreasury } from "../treasury/run-treasury.ts";
import { type Saying, settleByHand } from "../treasury/settle-by-hand.ts";
import { takeOrder } from "../treasury/take-order.ts";
import { ObjectStore } from "./object-store.ts";

/** What providers are paid in one unit: their payouts, the payments that carry them, and the book of both. Named by the unit. */
export class Treasury extends DurableObject<Env> {
  readonly #store: ObjectStore;
  readonly #context: TreasuryContext;
  #rail: Rail | null = null;
  /** What is under way: one at a time, so that nothing is decided on what another is about to change. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new ObjectStore(ctx, migrations);
    const unit = Unit.parse(ctx.id.name);
    this.#context = {
      unit,
      db: this.#store.db,
      rail: async () => {
        this.#rail ??= await openRail(env, unit);
        return this.#rail;
      },
      transact: (work) => ctx.storage.transactionSync(work),
      now: () => Date.now(),
      uuid: () => uuidv7().replaceAll("-", ""),
      tellProvider: (provider, result) => env.PROVIDER.getByName(provider).payoutDone(result),
      warn: (message, facts) => console.warn(JSON.stringify({ level: "warn", message, ...facts })),
    };
    // Whatever was under way is gone on with, even where an alarm was lost.
    if (this.#store.exists) void ctx.blockConcurrencyWhile(() => this.#wakeBy(Date.now()));
  }

  /** Has a payout made, once for each id. Throws `ledger_conflict` when its id was given to another. */
  take(order: PayoutOrder): Promise<Answer<void>> {
    return answer(async () => {
      await this.#store.create();
      takeOrder(this.#context, order);
      await this.#wakeBy(Date.now());
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
      const escrow = await registerEscrow(this.#context, registration, feeBps(this.env));
      await this.#wakeBy(Date.now() + LIMITS.reconcile_ms);
      return escrow;
    });
  }

  /** A registered escrow, read anew. Throws `escrow_unknown`, `chain_unavailable` and `chain_contradicts`. */
  refresh(escrow: SolanaAddress): Promise<Answer<Escrow>> {
    return answer(() => {
      if (this.#store.exists) return refreshEscrow(this.#context, escrow);
      throw new InfernetError("escrow_unknown", `Nobody has registered the escrow ${escrow}.`);
    });
  }

  /** Has the bond slashed of a provider that contradicted itself, once for each contradiction. */
  slash(evidence: SlashEvidence): Promise<Answer<void>> {
    return answer(async () => {
      await this.#store.create();
      insertSlashing(this.#store.db, evidence, Date.now());
      await this.#wakeBy(Date.now());
    });
  }

  payouts(state: PayoutState, query: PageQuery): Promise<Answer<Page<TreasuryPayout>>> {
    return answer(() => {
      if (!this.#store.exists) return { data: [], next_cursor: null };
      const page = listPayouts(this.#store.db, state, query);
      return { ...page, data: page.data.map(renderPayout) };
    });
  }

  /** What the operator says of a payout; null when there is none of this id here. Throws `payout_not_pending`. */
  say(id: PayoutId, saying: Saying): Promise<Answer<TreasuryPayout | null>> {
    return answer(async () => {
      if (!this.#store.exists) return null;
      const payout = settleByHand(this.#context, id, saying);
      await this.#wakeBy(Date.now());
      return payout && renderPayout(payout);
    });
  }

  /** How the unit stands. @param isAudited whether the whole book is gone through */
  read(isAudited: boolean): Promise<Answer<TreasuryView>> {
    return answer(async () => {
      await this.#store.create();
      return renderTreasury(this.#context, await this.#trouble(), isAudited);
    });
  }

  /** The operator has looked at a halted place. Throws `unavailable`, `chain_unavailable` and `chain_contradicts`. */
  acknowledge(escrow: SolanaAddress): Promise<Answer<TreasuryView>> {
    return answer(async () => {
      await this.#store.create();
      await this.#inTurn(() => acknowledgePlace(this.#context, escrow));
      await this.#wakeBy(Date.now());
      return renderTreasury(this.#context, await this.#trouble(), false);
    });
  }

  override async alarm(): Promise<void> {
    if (!this.#store.exists) return;
    // Set before the work: should this process die of it, the work is gone on with.
    const watch_ms = Date.now() + LIMITS.treasury_retry_ms_max;
    await this.ctx.storage.setAlarm(watch_ms);
    const next_ms = await this.#inTurn(() => runTreasury(this.#context));
    const set_ms = await this.ctx.storage.getAlarm();
    if (set_ms !== null && set_ms < watch_ms) await this.#wakeBy(next_ms ?? set_ms);
    else if (next_ms !== null) await this.ctx.storage.setAlarm(next_ms);
    else await this.ctx.storage.deleteAlarm();
  }

  /** Why nothing is paid in this unit; null when it can be. */
  async #trouble(): Promise<string | null> {
    try {
      const rail = await this.#context.rail();
      return rail === null ? `This deployment is not set up for ${this.#context.unit}.` : null;
    } catch (error) {
      if (error instanceof InfernetError) return error.message;
      throw error;
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work, work);
    this.#turn = turn;
    return turn;
  }

  async #wakeBy(unix_ms: number): Promise<void> {
    const set_ms = await this.ctx.storage.getAlarm();
    if (set_ms === null || unix_ms < set_ms) await this.ctx.storage.setAlarm(unix_ms);
  }
}
