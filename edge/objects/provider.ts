import { DurableObject } from "cloudflare:workers";
import { upsertProvider } from "@infernet/db/index/providers";
import { nextRipe } from "@infernet/db/provider/earnings";
import { listEvents } from "@infernet/db/provider/ledger";
import migrations from "@infernet/db/provider/migrations";
import { listPayouts } from "@infernet/db/provider/payouts";
import { readProvider, type StoredProvider, writeProvider } from "@infernet/db/provider/queries";
import { listRecalls, type PendingRecall } from "@infernet/db/provider/recalls";
import { banInForce } from "@infernet/protocol/ban-rules";
import { isCooling } from "@infernet/protocol/books/payout-rules";
import type { LedgerTotals } from "@infernet/protocol/ledger-totals";
import type { ChallengeAnswer, ChallengeOffer, MeasuredSpeed } from "@infernet/schemas/challenge";
import type { Earnings, PayoutView } from "@infernet/schemas/earning";
import { InfernetError } from "@infernet/schemas/errors";
import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { Page, PageQuery } from "@infernet/schemas/page";
import type { PayoutOrder, PayoutResult } from "@infernet/schemas/payout";
import type { Ban, Provider as PublicProvider, ReputationEvent } from "@infernet/schemas/provider";
import type { Capability, RunnerRegistration } from "@infernet/schemas/runner";
import { aggregatorOf } from "../aggregator/aggregator-of.ts";
import { bucketOf } from "../dispatcher/buckets.ts";
import type { Standing } from "../dispatcher/standing.ts";
import { assertNotBanned } from "../provider/assert-not-banned.ts";
import { decideAppeal, decideLifts, decideOperatorBan, renderBan } from "../provider/ban-events.ts";
import { ChallengeDesk } from "../provider/challenge-desk.ts";
import { decideStanding, isStandingNews } from "../provider/decide-standing.ts";
import { closePayoutOf, orderPayouts, sendOrders } from "../provider/order-payouts.ts";
import { recordEvents } from "../provider/record-events.ts";
import { renderEarnings } from "../provider/render-earnings.ts";
import { renderProvider } from "../provider/render-provider.ts";
import { ripenEarnings } from "../provider/ripen-earnings.ts";
import { sendRecalls } from "../provider/send-recalls.ts";
import { NO_TOTALS, readTotals } from "../provider/stored-totals.ts";
import { type Answer, answer, unwrap } from "../rpc.ts";
import { ObjectStore } from "./object-store.ts";

/** A provider with its ledger added up. */
interface OpenProvider extends Omit<StoredProvider, "totals"> {
  totals: LedgerTotals;
}

/** One provider: what its machine says it can do, and its reputation ledger. Named by the runner's id. */
export class Provider extends DurableObject<Env> {
  readonly #store: ObjectStore;
  #open: OpenProvider | null = null;
  /** Whether the search index shows less than is known; after a restart nobody knows. */
  #isBehind = true;
  #projected_ms = 0;
  /** Whether the index shows a ban, which ends without anything being written. */
  #showsBan = false;
  #told: Standing | null = null;
  readonly #challenges = new ChallengeDesk();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new ObjectStore(ctx, migrations);
  }

  /** Throws `provider_banned`. @param groups what it shares with others, as opaque tags */
  register(
    id: RunnerId,
    registration: RunnerRegistration,
    groups: string[],
    now_ms: number,
  ): Promise<Answer<Standing>> {
    return answer(async () => {
      await this.#store.create();
      const known = this.#load();
      if (known) assertNotBanned(id, this.#standing(known).ban);
      const fresh = {
        id,
        trusted: false,
        totals: NO_TOTALS,
        payout_changed_ms: null,
        measured: null,
        first_seen_ms: now_ms,
      };
      const provider = { ...(known ?? fresh), registration, groups, last_seen_ms: now_ms };
      if (known && known.registration.payout !== registration.payout) provider.payout_changed_ms = now_ms;
      await this.#write(provider);
      return this.#standing(provider);
    });
  }

  /** What a dispatcher must know to give it work; null when it has not registered. Throws `provider_banned`. */
  admit(): Promise<Answer<{ capability: Capability; standing: Standing } | null>> {
    return answer(() => {
      const known = this.#load();
      if (known === null) return null;
      const standing = this.#standing(known);
      assertNotBanned(known.id, standing.ban);
      return { capability: known.registration.capability, standing };
    });
  }

  /** A challenge, where one is due. Throws `runner_unregistered` and `provider_banned`. */
  challenge(id: RunnerId): Promise<Answer<ChallengeOffer>> {
    return answer(() => {
      const { registration, measured } = this.#admitted(id);
      return this.#challenges.hand(registration.capability.cpu_cores, measured, Date.now());
    });
  }

  /** What an answer to the challenge that is out says of the machine. Throws `challenge_gone` besides. */
  answerChallenge(id: RunnerId, given: ChallengeAnswer): Promise<Answer<MeasuredSpeed>> {
    return answer(async () => {
      const now_ms = Date.now();
      this.#admitted(id);
      const measured = await this.#challenges.rate(given, now_ms);
      // One row, and no alarm: the search index learns of it with whatever comes next.
      this.#open = { ...this.#admitted(id), measured };
      writeProvider(this.#store.db, this.#open);
      this.#isBehind = true;
      this.ctx.waitUntil(this.#tell());
      return measured;
    });
  }

  read(): PublicProvider | null {
    const known = this.#load();
    return known && renderProvider(known, known.totals, Date.now());
  }

  /** Throws `not_found` before it has registered. */
  ledger(query: PageQuery): Promise<Answer<Page<ReputationEvent>>> {
    return answer(() => {
      this.#find();
      return listEvents(this.#store.db, query);
    });
  }

  /**
   * Adds to the ledger what is not in it yet. Only registered runners are given work, so there is a provider to add to;
   * events about any other name are dropped.
   */
  async record(events: ReputationEvent[]): Promise<void> {
    const known = this.#load();
    if (known) await this.#record(known, events);
  }

  /** The banned provider's objection, once; a repeat changes nothing. Throws `not_banned` and `appeal_closed`. */
  appeal(detail: string): Promise<Answer<Ban>> {
    return answer(async () => {
      const known = this.#find();
      const now_ms = Date.now();
      await this.#record(known, [decideAppeal(known.id, known.totals.marks, detail, now_ms)]);
      return renderBan(known.id, this.#find().totals.marks, now_ms);
    });
  }

  /** @param until_ms null: for good */
  ban(id: string, detail: string, until_ms: number | null): Promise<Answer<PublicProvider>> {
    return this.#decide(() => [decideOperatorBan(id, detail, until_ms, Date.now())]);
  }

  /** Ends every ban and acquits of the convictions behind them. Throws `not_banned`. */
  liftBan(detail: string): Promise<Answer<PublicProvider>> {
    return this.#decide(({ id, totals }) => decideLifts(id, totals.marks, detail, Date.now()));
  }

  /** Whether the operator trusts it to decide disagreements. */
  trust(trusted: boolean): Promise<Answer<PublicProvider>> {
    return answer(async () => {
      await this.#write({ ...this.#find(), trusted });
      return this.#render();
    });
  }

  /** What it has earned, and where the money is. Throws `not_found`. */
  earnings(query: PageQuery): Promise<Answer<Earnings>> {
    return answer(() => {
      this.#find();
      this.ctx.storage.transactionSync(() => ripenEarnings(this.#store.db, Date.now()));
      return renderEarnings(this.#store.db, query);
    });
  }

  payouts(query: PageQuery): Promise<Answer<Page<PayoutView>>> {
    return answer(() => {
      this.#find();
      return listPayouts(this.#store.db, query);
    });
  }

  /** Has everything that is payable sent. Throws `payout_cooling`, and `payout_too_small` when there is too little. */
  withdraw(): Promise<Answer<PayoutOrder[]>> {
    return answer(async () => {
      const orders = this.#order(this.#find(), BigInt(LIMITS.payout_micro_min));
      if (orders.length > 0) {
        await this.#wakeBy(Date.now());
        return orders;
      }
      const { sums } = renderEarnings(this.#store.db, { limit: 1 });
      const payable = sums.map(({ unit, payable_micro }) => `${payable_micro} of ${unit}`).join(" and ");
      throw new InfernetError(
        "payout_too_small",
        `${payable === "" ? "nothing" : payable} micro-units can be sent from one place; it takes at least ${LIMITS.payout_micro_min}`,
      );
    });
  }

  /** How a payout came out. It may be told again. */
  payoutDone(result: PayoutResult): void {
    if (this.#load() === null) return;
    this.ctx.storage.transactionSync(() => closePayoutOf(this.#store.db, result));
  }

  /** What time brings about: earnings that are held no longer, payouts that are due, recalls that are owed, news for the search index and the dispatcher, the end of a ban. */
  override async alarm(): Promise<void> {
    const known = this.#load();
    if (known === null) return;
    const recall = ({ job_id, convicted_in, thorough }: PendingRecall) =>
      aggregatorOf(this.env, job_id).recall(job_id, known.id, convicted_in, thorough);
    const { left, progress } = await sendRecalls(this.#store.db, recall, Date.now());
    if (left) await this.#wakeBy(Date.now() + (progress ? 0 : LIMITS.provider_projection_pause_ms));
    await this.#payOut(known);
    if (Date.now() >= this.#projected_ms + LIMITS.provider_projection_pause_ms) await this.#project();
    await this.#tell();
    await this.#wakeInTime();
  }

  /** Sends what has come together, and tells the treasury what it does not know yet. */
  async #payOut(known: OpenProvider): Promise<void> {
    const { db } = this.#store;
    if (!isCooling(known, Date.now())) this.#order(known, BigInt(LIMITS.payout_micro_auto));
    try {
      const isAll = await sendOrders(db, async (order) =>
        unwrap(await this.env.TREASURY.getByName(order.unit).take(order)),
      );
      if (!isAll) await this.#wakeBy(Date.now());
    } catch (error) {
      this.#warn("the treasury was not told of a payout and will be", error);
      await this.#wakeBy(Date.now() + LIMITS.payout_retry_ms);
    }
  }

  #order(known: OpenProvider, minimum_micro: bigint): PayoutOrder[] {
    const { db } = this.#store;
    const now_ms = Date.now();
    return this.ctx.storage.transactionSync(() => {
      ripenEarnings(db, now_ms);
      return orderPayouts(db, known, minimum_micro, now_ms);
    });
  }

  #decide(events: (known: OpenProvider) => ReputationEvent[]): Promise<Answer<PublicProvider>> {
    return answer(async () => {
      const known = this.#find();
      await this.#record(known, events(known));
      return this.#render();
    });
  }

  async #record(known: OpenProvider, events: readonly ReputationEvent[]): Promise<void> {
    const { db } = this.#store;
    const grown = this.ctx.storage.transactionSync(() => {
      const totals = recordEvents(db, known.totals, events, Date.now());
      if (totals === null) return null;
      const seen = events.filter(({ kind }) => kind === "work" || kind === "uptime");
      const last_seen_ms = Math.max(known.last_seen_ms, ...seen.map((event) => event.at_ms));
      const provider = { ...known, totals, last_seen_ms };
      writeProvider(db, provider);
      return provider;
    });
    if (grown === null) return;
    await this.#noteChange(grown);
    if (grown.totals.marks.length > 0 && listRecalls(db, 1).length > 0) await this.#wakeBy(Date.now());
  }

  async #write(provider: OpenProvider): Promise<void> {
    writeProvider(this.#store.db, provider);
    await this.#noteChange(provider);
  }

  async #noteChange(provider: OpenProvider): Promise<void> {
    this.#open = provider;
    this.#isBehind = true;
    this.ctx.waitUntil(this.#tell());
    await this.#wakeInTime();
  }

  /** Brings the search index up to date. Nothing is lost while D1 is away: the alarm is set again. */
  async #project(): Promise<void> {
    const provider = this.#render();
    if (!this.#isBehind && this.#showsBan === (provider.ban !== null)) return;
    this.#isBehind = false;
    try {
      await upsertProvider(this.env.INDEX, provider);
      this.#showsBan = provider.ban !== null;
      this.#projected_ms = Date.now();
    } catch (error) {
      this.#isBehind = true;
      this.#warn("the provider index was not updated and will be tried again", error);
    }
  }

  /** Has the dispatcher know how the provider stands. What cannot be told is told by the alarm. */
  async #tell(): Promise<void> {
    const known = this.#find();
    const standing = this.#standing(known);
    const told = this.#told;
    if (told !== null && !isStandingNews(told, standing)) return;
    this.#told = standing;
    try {
      await bucketOf(this.env, known.id).restand(known.id, standing);
    } catch (error) {
      this.#told = null;
      this.#warn("the dispatcher was not told how the provider stands and will be", error);
      await this.#wakeBy(Date.now() + LIMITS.provider_projection_ms);
    }
  }

  /** Sets the alarm for what is to come by itself. */
  async #wakeInTime(): Promise<void> {
    const now_ms = Date.now();
    const rested_ms = this.#projected_ms + LIMITS.provider_projection_pause_ms;
    if (this.#isBehind) await this.#wakeBy(Math.max(now_ms + LIMITS.provider_projection_ms, rested_ms));
    const ban = banInForce(this.#find().totals.marks, now_ms);
    if (ban !== null && ban.until_ms !== null) await this.#wakeBy(ban.until_ms);
    const ripe_ms = nextRipe(this.#store.db);
    if (ripe_ms !== null) await this.#wakeBy(Math.max(ripe_ms, now_ms));
  }

  /** An alarm is a row on the bill: one that is set is moved only to ring earlier. */
  async #wakeBy(unix_ms: number): Promise<void> {
    const set_ms = await this.ctx.storage.getAlarm();
    if (set_ms === null || set_ms > unix_ms) await this.ctx.storage.setAlarm(unix_ms);
  }

  #standing(provider: OpenProvider): Standing {
    return decideStanding(provider, provider.totals, Date.now());
  }

  #render(): PublicProvider {
    const known = this.#find();
    return renderProvider(known, known.totals, Date.now());
  }

  #admitted(id: RunnerId): OpenProvider {
    const known = this.#load();
    if (known === null) throw new InfernetError("runner_unregistered", `${id} has not registered here`);
    assertNotBanned(known.id, this.#standing(known).ban);
    return known;
  }

  #find(): OpenProvider {
    const known = this.#load();
    if (known === null) throw new InfernetError("not_found", "No provider of this id has registered here.");
    return known;
  }

  #load(): OpenProvider | null {
    if (this.#open || !this.#store.exists) return this.#open;
    const stored = readProvider(this.#store.db);
    if (stored) this.#open = { ...stored, totals: readTotals(this.#store.db, stored.totals, Date.now()) };
    return this.#open;
  }

  #warn(message: string, error: unknown): void {
    console.warn(
      JSON.stringify({
        level: "warn",
        message,
        provider: this.#open?.id,
        error: String(error).split("\n", 1)[0],
      }),
    );
  }
}
