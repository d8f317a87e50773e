import { env, reset, runInDurableObject } from "cloudflare:test";
import migrations from "@infernet/db/account/migrations";
import { readPayment, writePaidJob } from "@infernet/db/account/payments";
import { postponeCheck } from "@infernet/db/account/reservations";
import { readBalance } from "@infernet/db/ledger/accounts";
import { listTransfers } from "@infernet/db/ledger/transfers";
import type { BroadcastOutcome } from "@infernet/escrow/client/broadcast/broadcast-outcome";
import { fundsOf } from "@infernet/protocol/books/client-book";
import { Sha256 } from "@infernet/schemas/digest";
import { AccountId, type JobId } from "@infernet/schemas/ids";
import { availableOf } from "@infernet/schemas/ledger";
import { LIMITS } from "@infernet/schemas/limits";
import { SolanaAddress } from "@infernet/schemas/solana";
import { base58, base64 } from "@scure/base";
import { drizzle } from "drizzle-orm/durable-sqlite";
import { migrate } from "drizzle-orm/durable-sqlite/migrator";
import { afterEach, expect, test } from "vitest";
import { USDC_SOLANA } from "../rails/solana-unit.ts";
import { newJobId } from "../testing/test-provider.ts";
import { checkReservations, type JobStanding } from "./check-reservations.ts";
import { reserveFunds } from "./reserve-funds.ts";
import { type PaymentContext, settlePayment } from "./settle-payment.ts";
import { findPayment, type NewPayment, takePayment } from "./take-payment.ts";

const HOUR_MS = 3_600_000;
const START_MS = 1_800_000_000_000;
const addressOf = (byte: number) => SolanaAddress.parse(base58.encode(new Uint8Array(32).fill(byte)));
const sha = (digit: string) => Sha256.parse(digit.repeat(64));
const HOUSE = addressOf(3);

const PAYMENT: NewPayment = {
  id: sha("1"),
  request_sha256: sha("2"),
  account_id: AccountId.parse(`acct_${"1".repeat(32)}`),
  account_name: "x402 somebody",
  key_sha256: sha("4"),
  payer: addressOf(5),
  unit: USDC_SOLANA,
  escrow: HOUSE,
  deadline_ms: START_MS + 60 * 24 * HOUR_MS,
  amount: 2_500n,
  quoted: 2_400n,
  raw: base64.encode(new Uint8Array(200).fill(6)),
  signature: "signature",
  last_valid_block_height: 9,
};

const now_ms = START_MS;
/** What was sent, and what the chain says of it next; nothing: whoever asks dies. */
let sent: string[] = [];
let outcomes: (BroadcastOutcome | null)[] = [];
afterEach(async () => {
  sent = [];
  outcomes = [];
  await reset();
});

/** Work with what a fresh instance of the account's object has. */
const inAccount = <T>(work: (ctx: PaymentContext) => T | Promise<T>): Promise<T> =>
  runInDurableObject(env.ACCOUNT.getByName(PAYMENT.account_id), async (_, { storage }) => {
    const db = drizzle(storage);
    await migrate(db, migrations);
    return work({
      db,
      transact: (work) => storage.transactionSync(work),
      now: () => now_ms,
      settle: async ({ raw }) => {
        sent.push(base64.encode(raw));
        const outcome = outcomes.shift() ?? null;
        if (outcome === null) throw new Error("died");
        return outcome;
      },
    });
  });

const take = (payment = PAYMENT) =>
  inAccount(({ db, transact }) => transact(() => takePayment(db, payment, now_ms)));
const settle = () => inAccount(settlePayment);
const funds = () => inAccount(({ db }) => availableOf(readBalance(db, fundsOf(HOUSE), USDC_SOLANA)));

test("what was paid is at the account's disposal once it is final, and once only", async () => {
  await take();
  outcomes = [
    { state: "unknown", refusal: null },
    { state: "seen", commitment: "confirmed", slot: 1 },
    { state: "landed", slot: 2 },
    { state: "landed", slot: 2 },
  ];
  await settle();
  await settle();
  expect(await funds()).toBe(0n);
  await settle();
  await settle();
  expect(await funds()).toBe(2_500n);
  expect(await inAccount(({ db }) => listTransfers(db, { limit: 10 }).data.length)).toBe(1);
  expect(sent).toEqual([PAYMENT.raw, PAYMENT.raw, PAYMENT.raw]);
});

test("two who wait for the same payment book it once", async () => {
  await take();
  outcomes = [
    { state: "landed", slot: 2 },
    { state: "landed", slot: 2 },
  ];
  await inAccount((ctx) => Promise.all([settlePayment(ctx), settlePayment(ctx)]));
  expect(await funds()).toBe(2_500n);
});

test("an object that dies after storing or after sending goes on with the bytes that it stored", async () => {
  await take();
  outcomes = [null, null, { state: "landed", slot: 2 }];
  await expect(settle()).rejects.toThrow("died");
  await take({ ...PAYMENT, raw: base64.encode(new Uint8Array(200).fill(7)) });
  await expect(settle()).rejects.toThrow("died");
  await settle();
  expect(new Set(sent)).toEqual(new Set([PAYMENT.raw]));
  expect(await funds()).toBe(2_500n);
});

test("a payment that failed, or expired, gives nothing, and stays that way", async () => {
  await take();
  outcomes = [{ state: "expired" }, { state: "landed", slot: 2 }];
  await settle();
  await settle();
  expect(await inAccount(({ db }) => readPayment(db)?.state)).toBe("failed");
  expect(await funds()).toBe(0n);
});

test("a payment pays for one request", async () => {
  await take();
  const find = (name: Pick<NewPayment, "id" | "request_sha256">) =>
    inAccount(({ db }) => findPayment(db, name)?.id ?? null);
  expect(await find(PAYMENT)).toBe(PAYMENT.id);
  await expect(find({ ...PAYMENT, request_sha256: sha("9") })).rejects.toThrow(/another request/);
  await expect(find({ ...PAYMENT, id: sha("9") })).rejects.toThrow(/another request/);
});

test("jobs are paid from the shared escrow with what this payment brought, and in its time", async () => {
  await take();
  outcomes = [{ state: "landed", slot: 2 }];
  await settle();
  const reserve = (quoted_micro: string, deadline_ms: number) =>
    inAccount(({ db, transact }) =>
      transact(() =>
        reserveFunds(db, newJobId(), { unit: USDC_SOLANA, escrow: HOUSE, quoted_micro }, deadline_ms, now_ms),
      ),
    );
  await expect(reserve("2501", now_ms + HOUR_MS)).rejects.toThrow(/has 2500 to spend/);
  await expect(reserve("1", PAYMENT.deadline_ms)).rejects.toThrow(/ends at/);
  await reserve("2400", now_ms + HOUR_MS);
  expect(await funds()).toBe(100n);
});

test("a request that dies between setting funds aside and its job leaves its job's id to the next", async () => {
  await take();
  outcomes = [{ state: "landed", slot: 2 }];
  await settle();
  const job = newJobId();
  const price = { unit: USDC_SOLANA, escrow: HOUSE, quoted_micro: "2400" };
  const purchase = (id: JobId) =>
    inAccount(({ db, transact }) =>
      transact(() => {
        writePaidJob(db, id);
        return reserveFunds(db, id, price, now_ms + HOUR_MS, now_ms);
      }),
    );
  const paidJob = () => inAccount(({ db }) => readPayment(db)?.job_id);
  await purchase(job);
  await expect(purchase(newJobId())).rejects.toThrow(/has 100 to spend/);
  expect(await paidJob()).toBe(job);
  await purchase(job);
  expect(await funds()).toBe(100n);

  const check = (standing: JobStanding) =>
    inAccount(({ db, transact }) =>
      checkReservations(
        db,
        async () => standing,
        transact,
        () => now_ms + LIMITS.reservation_check_ms,
      ),
    );
  await check({ kind: "open" });
  expect(await paidJob()).toBe(job);
  await inAccount(({ db }) => postponeCheck(db, job, now_ms));
  await check({ kind: "unknown" });
  expect(await paidJob()).toBeNull();
  expect(await funds()).toBe(2_500n);
});
