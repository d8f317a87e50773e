import { DurableObject } from "cloudflare:workers";
import { findBatchOfJob, nextBatch, wakeBatch } from "@infernet/db/account/batches";
import { type KnownEscrow, listEscrows } from "@infernet/db/account/escrows";
import type { FileQuery } from "@infernet/db/account/files";
import migrations from "@infernet/db/account/migrations";
import { readPayment, writePaidJob } from "@infernet/db/account/payments";
import {
  deleteDisabledWebhook,
  insertAccount,
  insertDisabledWebhook,
  readAccount,
  readDisabledWebhooks,
  readKeyHashes,
} from "@infernet/db/account/queries";
import { nextCheck } from "@infernet/db/account/reservations";
import { eachAccount } from "@infernet/db/ledger/accounts";
import { listTransfers } from "@infernet/db/ledger/transfers";
import { grant } from "@infernet/protocol/books/client-book";
import { fullBucket, type RateDecision, takeToken } from "@infernet/protocol/rate-limit";
import type { Account as AccountView, GrantRequest } from "@infernet/schemas/account";
import type { Batch, BatchRequest } from "@infernet/schemas/batch";
import type { Sha256 } from "@infernet/schemas/digest";
import type { Escrow } from "@infernet/schemas/escrow";
import type { StoredFile } from "@infernet/schemas/file";
import { AccountId, type BatchId, type FileId, type JobId } from "@infernet/schemas/ids";
import { renderTransfer, type TransferJson, Unit } from "@infernet/schemas/ledger";
import { LIMITS } from "@infernet/schemas/limits";
import type { MicroAmount } from "@infernet/schemas/money";
import type { OpenaiPage, OpenaiPageQuery } from "@infernet/schemas/openai-page";
import type { Page, PageQuery } from "@infernet/schemas/page";
import type { PriceTerms, Settlement } from "@infernet/schemas/price";
import { postToBook } from "../account/book.ts";
import { checkReservations } from "../account/check-reservations.ts";
import { depositFunds } from "../account/deposit-funds.ts";
import { hashesEqual } from "../account/hashes-equal.ts";
import { renderAccount } from "../account/render-account.ts";
import { type PaymentView, renderPayment } from "../account/render-payment.ts";
import { reserveFunds } from "../account/reserve-funds.ts";
import { settleFunds } from "../account/settle-funds.ts";
import { settlePayment } from "../account/settle-payment.ts";
import { findPayment, type NewPayment, type PaymentName, takePayment } from "../account/take-payment.ts";
import { aggregatorOf } from "../aggregator/aggregator-of.ts";
import { cancelBatch, createBatch, pageBatches, viewBatch } from "../batches/account-batches.ts";
import { advanceBatches } from "../batches/advance-batch.ts";
import { addFile, findFile, pageFiles, removeFile } from "../files/account-files.ts";
import type { ReceivedFile } from "../files/receive-file.ts";
import type { AuthorizedAccount } from "../http/app-env.ts";
import { RATE_POLICIES } from "../http/rate-policies.ts";
import { type Answer, answer } from "../rpc.ts";
import { openChain } from "../x402/open-chain.ts";
import { ObjectStore } from "./object-store.ts";

const CREDIT = Unit.parse("credit");

interface Known {
  account: AuthorizedAccount;
  key_hashes: string[];
}

/** One client account: its keys (hashed), its book, its request rate, the webhook addresses it may not use. Named by its id. */
export class Account extends DurableObject<Env> {
  readonly #store: ObjectStore;
  /** In memory: it bounds load, it does not count money. */
  #bucket = fullBucket(RATE_POLICIES.account, Date.now());
  #known: Known | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new ObjectStore(ctx, migrations);
  }

  async create(account: {
    id: AccountId;
    name: string;
    key_sha256: Sha256;
    created_ms: number;
    /** What it may spend from the start. */
    credit_micro: MicroAmount;
  }): Promise<void> {
    await this.#store.create();
    const { db } = this.#store;
    const credit = BigInt(account.credit_micro);
    this.ctx.storage.transactionSync(() => {
      insertAccount(db, account);
      if (credit > 0n) postToBook(db, grant("first", CREDIT, credit, account.created_ms));
    });
    this.#known = null;
  }

  /** The account if the key is one of its own, and whether its rate lets this request through; else null. */
  authorize(key_sha256: Sha256): { account: AuthorizedAccount; rate: RateDecision } | null {
    const known = this.#load();
    if (!known?.key_hashes.some((hash) => hashesEqual(hash, key_sha256))) return null;
    const rate = takeToken(this.#bucket, Date.now(), RATE_POLICIES.account);
    this.#bucket = rate.bucket;
    return { account: known.account, rate };
  }

  /**
   * Sets aside what a job can cost. Throws `funds_insufficient`, `escrow_unknown` and `escrow_expired`.
   *
   * @param deadline_ms the job's, in Unix ms
   * @param isPurchase whether the job is what the account's payment was made for
   */
  reserve(job_id: JobId, price: PriceTerms, deadline_ms: number, isPurchase = false): Promise<Answer<void>> {
    return answer(async () => {
      const { db } = this.#store;
      const check_ms = this.ctx.storage.transactionSync(() => {
        if (isPurchase) writePaidJob(db, job_id);
        return reserveFunds(db, job_id, price, deadline_ms, Date.now());
      });
      await this.#wakeBy(check_ms);
    });
  }

  /** Books what a job has cost, and what came back of it. It may be told again. */
  async settle(job_id: JobId, settlement: Settlement): Promise<void> {
    if (!this.#store.exists) return;
    const { db } = this.#store;
    const batch = this.ctx.storage.transactionSync(() => {
      settleFunds(db, job_id, settlement, Date.now());
      const waiting = findBatchOfJob(db, job_id);
      if (waiting !== null) wakeBatch(db, waiting, Date.now());
      return waiting;
    });
    if (batch !== null) await this.#wakeForBatches();
  }

  /** Gives funds that no chain holds, once for each id. Null when there is no such account. */
  grant({ id, amount_micro }: GrantRequest): Promise<Answer<AccountView | null>> {
    return answer(() => {
      if (!this.#store.exists) return null;
      const { db } = this.#store;
      this.ctx.storage.transactionSync(() =>
        postToBook(db, grant(id, CREDIT, BigInt(amount_micro), Date.now())),
      );
      return this.#render();
    });
  }

  /** Books what an escrow holds for this account's jobs. It may be told again. */
  deposit(escrow: Escrow, unit: Unit): AccountView | null {
    if (!this.#store.exists) return null;
    this.ctx.storage.transactionSync(() => depositFunds(this.#store.db, escrow, unit, Date.now()));
    return this.#render();
  }

  /**
   * Makes this account of a payment, sends it, and waits until it is final or the time is up. It may be told again. Throws
   * `idempotency_mismatch`.
   */
  pay(payment: NewPayment): Promise<Answer<PaymentView>> {
    return answer(async () => {
      await this.#store.create();
      const { id } = this.ctx.storage.transactionSync(() => takePayment(this.#store.db, payment, Date.now()));
      this.#known = null;
      return this.#finishPayment(id);
    });
  }

  /** The same for a payment that was taken before; null when it was not. Throws `idempotency_mismatch`. */
  payment(name: PaymentName): Promise<Answer<PaymentView | null>> {
    return answer(() => {
      if (!this.#store.exists) return null;
      const known = findPayment(this.#store.db, name);
      return known && this.#finishPayment(known.id);
    });
  }

  escrows(): KnownEscrow[] {
    return this.#store.exists ? listEscrows(this.#store.db) : [];
  }

  read(): AccountView | null {
    return this.#store.exists ? this.#render() : null;
  }

  ledger(query: PageQuery): Promise<Answer<Page<TransferJson>>> {
    return answer(() => {
      const page = listTransfers(this.#store.db, query);
      return { ...page, data: page.data.map(renderTransfer) };
    });
  }

  addFile(file: ReceivedFile): Promise<Answer<StoredFile>> {
    return answer(() =>
      this.ctx.storage.transactionSync(() => addFile(this.#store.db, file, "batch", Date.now())),
    );
  }

  file(id: FileId): Promise<Answer<StoredFile>> {
    return answer(() => findFile(this.#store.db, id, Date.now()));
  }

  files(query: FileQuery): OpenaiPage<StoredFile> {
    return pageFiles(this.#store.db, query, Date.now());
  }

  deleteFile(id: FileId): Promise<Answer<void>> {
    return answer(() => removeFile(this.#store.db, id, Date.now()));
  }

  createBatch(request: BatchRequest, origin: string): Promise<Answer<Batch>> {
    return answer(async () => {
      const batch = this.ctx.storage.transactionSync(() =>
        createBatch(this.#store.db, request, origin, Date.now()),
      );
      await this.#wakeBy(Date.now());
      return batch;
    });
  }

  batch(id: BatchId): Promise<Answer<Batch>> {
    return answer(async () => {
      const batch = viewBatch(this.#store.db, id, Date.now());
      await this.#wakeForBatches();
      return batch;
    });
  }

  batches(query: OpenaiPageQuery): OpenaiPage<Batch> {
    return pageBatches(this.#store.db, query);
  }

  cancelBatch(id: BatchId): Promise<Answer<Batch>> {
    return answer(async () => {
      const batch = this.ctx.storage.transactionSync(() => cancelBatch(this.#store.db, id, Date.now()));
      await this.#wakeForBatches();
      return batch;
    });
  }

  /** Asks jobs that have not said for long what they cost, and goes on with batches. */
  override async alarm(): Promise<void> {
    if (!this.#store.exists) return;
    const { db } = this.#store;
    await checkReservations(
      db,
      (job) => aggregatorOf(this.env, job).standing(job),
      (work) => this.ctx.storage.transactionSync(work),
      () => Date.now(),
    );
    await this.#advanceBatches();
    const next_ms = nextCheck(db);
    if (next_ms !== null) await this.#wakeBy(Math.max(next_ms, Date.now() + 1));
    if (readPayment(db)?.state === "open") {
      // Set before it is asked: should this process die of it, the payment is gone on with.
      await this.#wakeBy(Date.now() + LIMITS.x402_poll_ms);
      await this.#settlePayment(0);
    }
  }

  async #advanceBatches(): Promise<void> {
    const { db } = this.#store;
    const now_ms = Date.now();
    const account = this.#load()?.account;
    if (account === undefined || (nextBatch(db)?.next_ms ?? Number.POSITIVE_INFINITY) > now_ms)
      return this.#wakeForBatches();
    // Set before anything is begun: should this process die of it, the batch is gone on with.
    await this.#wakeBy(now_ms + LIMITS.batch_retry_ms);
    await advanceBatches(
      {
        env: this.env,
        db,
        account,
        transact: (work) => this.ctx.storage.transactionSync(work),
        now: () => Date.now(),
      },
      now_ms + LIMITS.batch_turn_ms,
    );
    await this.#wakeForBatches();
  }

  async #wakeForBatches(): Promise<void> {
    const next = nextBatch(this.#store.db);
    if (next !== null) await this.#wakeBy(Math.max(next.next_ms, Date.now() + 1));
  }

  async #finishPayment(id: Sha256): Promise<PaymentView> {
    const { db } = this.#store;
    if (readPayment(db)?.state === "open") {
      await this.#wakeBy(Date.now() + LIMITS.x402_poll_ms);
      await this.#settlePayment(LIMITS.x402_settle_ms);
    }
    const payment = readPayment(db);
    const account = this.#load()?.account;
    if (payment === null || account === undefined) throw new Error(`the payment ${id} is gone`);
    return renderPayment(payment, account);
  }

  async #settlePayment(patience_ms: number): Promise<void> {
    const chain = openChain(this.env);
    if (chain === null) return;
    await settlePayment({
      db: this.#store.db,
      transact: (work) => this.ctx.storage.transactionSync(work),
      now: () => Date.now(),
      settle: (transaction) => chain.settle(transaction, patience_ms),
    });
  }

  #render(): AccountView | null {
    const stored = readAccount(this.#store.db);
    return stored === undefined ? null : renderAccount(stored, eachAccount(this.#store.db));
  }

  async #wakeBy(unix_ms: number): Promise<void> {
    const set_ms = await this.ctx.storage.getAlarm();
    if (set_ms === null || unix_ms < set_ms) await this.ctx.storage.setAlarm(unix_ms);
  }

  /** No webhook goes to this address from now on: it answered 410 Gone. */
  disableWebhook(url: string): void {
    if (!this.#store.exists) return;
    insertDisabledWebhook(this.#store.db, url, Date.now());
    this.#known = null;
  }

  enableWebhook(url: string): void {
    if (!this.#store.exists) return;
    deleteDisabledWebhook(this.#store.db, url);
    this.#known = null;
  }

  #load(): Known | null {
    if (!this.#known && this.#store.exists) {
      const row = readAccount(this.#store.db);
      if (!row) return null;
      this.#known = {
        account: {
          id: AccountId.parse(row.id),
          name: row.name,
          disabled_webhooks: readDisabledWebhooks(this.#store.db),
        },
        key_hashes: readKeyHashes(this.#store.db),
      };
    }
    return this.#known;
  }
}
