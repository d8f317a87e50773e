import { env, evictDurableObject, reset, runInDurableObject } from "cloudflare:test";
import { readBalance } from "@infernet/db/ledger/accounts";
import { auditStore } from "@infernet/db/ledger/audit-store";
import { postTransfers } from "@infernet/db/ledger/post-transfers";
import { ledger_accounts, ledger_transfers } from "@infernet/db/ledger/schema";
import type { LedgerDb, LedgerRules } from "@infernet/db/ledger/store";
import { findTransfer, listTransfers } from "@infernet/db/ledger/transfers";
import { auditLedger } from "@infernet/protocol/ledger/audit-ledger";
import { decideTransfers } from "@infernet/protocol/ledger/decide-transfers";
import { commitOf, voidOf } from "@infernet/protocol/ledger/settle-pending";
import { news, pending, post } from "@infernet/protocol/ledger/testing/sample-transfer";
import { createDraw } from "@infernet/protocol/testing/seeded-draw";
import { InfernetError } from "@infernet/schemas/errors";
import {
  availableOf,
  balanceOf,
  LEDGER_AMOUNT_MAX,
  LedgerAccountName,
  type Transfer,
  TransferId,
  Unit,
} from "@infernet/schemas/ledger";
import { LIMITS } from "@infernet/schemas/limits";
import { drizzle } from "drizzle-orm/durable-sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import tables from "../../db/ledger/tables.sql";
import { BillMeter } from "../metering/bill-meter.ts";
import { meterStorage } from "../metering/meter-storage.ts";

/** A stub of one object: a fresh one, because a reset breaks those before it. */
const ledger = () => env.ACCOUNT.getByName("ledger");

/** Work on the SQLite of one object, in one transaction. */
const inStore = <T>(work: (db: LedgerDb) => T): Promise<T> =>
  runInDurableObject(ledger(), (_, { storage }) => storage.transactionSync(() => work(drizzle(storage))));
const inSql = <T>(work: (sql: SqlStorage) => T): Promise<T> =>
  runInDurableObject(ledger(), (_, { storage }) => work(storage.sql));

beforeEach(() => inSql((sql) => void sql.exec(tables)));
afterEach(reset);

const RULES: LedgerRules = { decideTransfers, mayBeNegative: (name) => name.startsWith("outside") };
const CREDIT = Unit.parse("credit");
const CLIENT = LedgerAccountName.parse("client");

const deposit = post({ id: "deposit" });
const hold = pending({ id: "hold", debit: "client", credit: "fees", amount: 60n });
const send = (...transfers: Transfer[]) => inStore((db) => postTransfers(db, RULES, transfers));

describe("a stored ledger", () => {
  it("keeps balances, the transfers they come from, and when each was first made", async () => {
    expect(await send(deposit)).toBe("posted");
    expect(await send(hold)).toBe("posted");
    expect(await send({ ...deposit, at_ms: 9_999 })).toBe("replayed");
    await evictDurableObject(ledger());
    const client = await inStore((db) => readBalance(db, CLIENT, CREDIT));
    expect([balanceOf(client), availableOf(client)]).toEqual([100n, 40n]);
    expect(await inStore((db) => findTransfer(db, deposit.id))).toEqual(deposit);
    expect(await inStore((db) => findTransfer(db, TransferId.parse("none")))).toBeNull();
    const unused = await inStore((db) => readBalance(db, CLIENT, Unit.parse("usdc:solana")));
    expect([balanceOf(unused), availableOf(unused)]).toEqual([0n, 0n]);
  });

  it("settles a pending transfer of an earlier batch, once", async () => {
    await send(deposit, hold);
    await send(commitOf(hold, news("commit"), 25n));
    expect(await send(commitOf(hold, news("commit"), 25n))).toBe("replayed");
    await expect(send(voidOf(hold, news("void")))).rejects.toThrow(InfernetError);
    const client = await inStore((db) => readBalance(db, CLIENT, CREDIT));
    expect([balanceOf(client), availableOf(client)]).toEqual([75n, 75n]);
  });

  it("holds 2^53 - 1 to the last digit", async () => {
    await send(post({ id: "all", amount: LEDGER_AMOUNT_MAX }));
    await send(post({ id: "most", debit: "client", credit: "fees", amount: LEDGER_AMOUNT_MAX - 2n }));
    expect(balanceOf(await inStore((db) => readBalance(db, CLIENT, CREDIT)))).toBe(2n);
    expect((await inStore((db) => findTransfer(db, TransferId.parse("all"))))?.amount).toBe(
      9007199254740991n,
    );
    const stored = await inSql((sql) =>
      sql
        .exec(
          "SELECT CAST(amount AS TEXT) AS digits, typeof(amount) AS type FROM ledger_transfers WHERE id = 'all'",
        )
        .one(),
    );
    expect(stored).toEqual({ digits: "9007199254740991", type: "integer" });
    await expect(send(post({ id: "more", amount: 1n }))).rejects.toThrow("9007199254740992");
  });

  it("is listed from the newest transfer to the oldest, in pages", async () => {
    const at = (n: number) => ({ ...post({ id: `t${n}` }), at_ms: 1_000 + Math.floor(n / 2) });
    await send(...Array.from({ length: 5 }, (_, n) => at(n)));
    const first = await inStore((db) => listTransfers(db, { limit: 3 }));
    expect(first.data).toEqual([at(4), at(3), at(2)]);
    const cursor = first.next_cursor ?? expect.fail("no cursor");
    expect(await inStore((db) => listTransfers(db, { limit: 3, cursor }))).toEqual({
      data: [at(1), at(0)],
      next_cursor: null,
    });
    await expect(inStore((db) => listTransfers(db, { limit: 3, cursor: "x" }))).rejects.toThrow("cursor");
  });

  it("takes the largest batch of the longest transfers", async () => {
    const long = (text: string, length: number) => text.padEnd(length, "x");
    const batch = Array.from({ length: LIMITS.ledger_transfers_per_batch_max }, (_, n) =>
      post({
        id: long(`${n}`, LIMITS.ledger_transfer_id_chars_max),
        debit: long("outside", LIMITS.ledger_account_chars_max),
        credit: long(`${n}`, LIMITS.ledger_account_chars_max),
        unit: long("unit", LIMITS.ledger_unit_chars_max),
        // JSON needs six bytes for each of these.
        memo: "\u0001".repeat(LIMITS.ledger_memo_chars_max),
        amount: 1_000_000_000_000n,
      }),
    );
    expect(await send(...batch)).toBe("posted");
    expect(await send(...batch)).toBe("replayed");
  });

  it("writes a row for each transfer and each account it touches, one more for a settlement, none for a replay", async () => {
    const meter = new BillMeter();
    await runInDurableObject(ledger(), (_, { storage }) => meterStorage(storage, "Ledger", meter));
    const rowsOf = async (...batch: Transfer[]): Promise<number> => {
      meter.take();
      await send(...batch);
      return meter.take()["rows_written Ledger"] ?? 0;
    };
    expect(await rowsOf(deposit)).toBe(3);
    expect(await rowsOf(hold)).toBe(3);
    expect(await rowsOf(commitOf(hold, news("commit")))).toBe(4);
    expect(await rowsOf(commitOf(hold, news("commit")))).toBe(0);
    expect(await rowsOf(...Array.from({ length: 50 }, (_, n) => post({ id: `n${n}` })))).toBe(52);
  });
});

describe("the tables, whatever code is run on them", () => {
  beforeEach(async () => void (await send(deposit, hold)));

  it.each([
    ["UPDATE ledger_transfers SET amount = 1", "never changed"],
    ["UPDATE ledger_transfers SET memo = 'x' WHERE id = 'deposit'", "never changed"],
    ["DELETE FROM ledger_transfers", "never shortened"],
    ["INSERT OR REPLACE INTO ledger_transfers SELECT * FROM ledger_transfers", "has this one already"],
    ["UPDATE OR REPLACE ledger_transfers SET id = 'hold'", "never changed"],
  ])("refuse %s", async (statement, reason) => {
    await expect(inSql((sql) => void sql.exec(statement))).rejects.toThrow(reason);
    expect(await inStore((db) => findTransfer(db, deposit.id))).toEqual(deposit);
  });

  it("refuse an overdraft, sums that are not exact, fractions, and a flag that is none", async () => {
    const set = (assignment: string) =>
      inSql((sql) => void sql.exec(`UPDATE ledger_accounts SET ${assignment} WHERE name = 'client'`));
    await expect(set("debits_posted = 41")).rejects.toThrow(
      "CHECK constraint failed: ledger_accounts_covered",
    );
    await expect(set("debits_pending = 101")).rejects.toThrow("ledger_accounts_covered");
    await expect(set("credits_posted = 9007199254740992")).rejects.toThrow("ledger_accounts_exact");
    await expect(set("credits_pending = -1")).rejects.toThrow("ledger_accounts_not_below_zero");
    await expect(set("credits_posted = 100.5")).rejects.toThrow("cannot store REAL value in INTEGER column");
    await expect(set("may_be_negative = 2")).rejects.toThrow("ledger_accounts_flag");
    await set("debits_posted = 40");
  });

  it("refuse an overdraft that broken rules let through, with all that was written beside it", async () => {
    const spend = post({ id: "spend", debit: "client", credit: "fees", amount: 41n });
    const lax: LedgerRules = {
      ...RULES,
      decideTransfers: (lookup, transfers) => ({
        kind: "posted",
        transfers,
        accounts: transfers.map(({ debit, unit, amount }) => {
          const account = lookup.account(debit, unit);
          return { ...account, debits_posted: account.debits_posted + amount };
        }),
      }),
    };
    await expect(inStore((db) => postTransfers(db, lax, [spend]))).rejects.toThrow("ledger_accounts_covered");
    expect(await inStore((db) => findTransfer(db, spend.id))).toBeNull();
  });

  it("refuse a transfer of nothing, and one from an account to itself", async () => {
    const insert = (transfer: Transfer) =>
      inStore((db) => void db.insert(ledger_transfers).values(transfer).run());
    await expect(insert(post({ id: "a", amount: 0n }))).rejects.toThrow("ledger_transfers_amount");
    await expect(insert(post({ id: "a", debit: "client" }))).rejects.toThrow("ledger_transfers_accounts");
  });

  it("refuse a second settlement", async () => {
    await send(commitOf(hold, news("commit")));
    const second = voidOf(hold, news("void"));
    const insert = inStore((db) => void db.insert(ledger_transfers).values(second).run());
    await expect(insert).rejects.toThrow("has this one already");
  });
});

describe("an audit of a store", () => {
  it("finds a balance that was changed behind the ledger's back", async () => {
    await send(deposit);
    await inStore((db) => void db.update(ledger_accounts).set({ credits_posted: 101n }).run());
    expect(await inStore((db) => auditStore(db, auditLedger))).toContain(
      "client has posted credits of 101 credit; its transfers come to 100.",
    );
  });

  it("finds a guard that is missing", async () => {
    await inSql((sql) => void sql.exec("DROP TRIGGER ledger_transfers_no_update"));
    const found = await inStore((db) => auditStore(db, auditLedger));
    expect(found).toEqual(["The tables lack ledger_transfers_no_update."]);
  });
});

/** Postings of the long run, and the seed that repeats it. */
const POSTINGS = 100_000;
const SEED = Date.now() % 2 ** 31;

it(`${POSTINGS} random postings, with failures, retries and replays, leave sound books, after restarts too (seed ${SEED})`, async () => {
  const run = startRun(SEED);
  while (run.posted() < POSTINGS) {
    const until = Math.min(run.posted() + 20_000, POSTINGS);
    await runInDurableObject(ledger(), (_, { storage }) => {
      while (run.posted() < until) run.postBatch(storage, until - run.posted());
    });
    await evictDurableObject(ledger());
    const { stored } = await inSql((sql) =>
      sql.exec("SELECT count(*) AS stored FROM ledger_transfers").one(),
    );
    expect(stored).toBe(run.posted());
  }
  expect(await inStore((db) => auditStore(db, auditLedger))).toEqual([]);
  for (const [happening, times] of Object.entries(run.happened)) expect(times, happening).toBeGreaterThan(50);
}, 60_000);

class Interruption extends Error {}

/** A client that posts at random, is interrupted, and tries again until it knows what came of its batch. */
function startRun(seed: number) {
  const draw = createDraw(seed);
  const happened = { refused: 0, interrupted: 0, torn: 0, replayed: 0, conflicted: 0, settled: 0 };
  const open: Transfer[] = [];
  let posted = 0;
  let made = 0;

  function makeTransfer(): Transfer {
    const id = `t${made++}`;
    const held = open.length > 0 && draw(3) === 0 ? open.splice(draw(open.length), 1)[0] : undefined;
    if (held !== undefined) {
      happened.settled += 1;
      if (draw(3) === 0) return voidOf(held, news(id));
      return commitOf(held, news(id), held.amount - BigInt(draw(Number(held.amount))));
    }
    const from = draw(10);
    const entry = {
      id,
      debit: from < 5 ? "outside" : `client:${from}`,
      credit: `client:${5 + draw(5)}`,
      unit: draw(4) === 0 ? "usdc:solana" : "credit",
      amount: BigInt(1 + draw(from >= 5 && draw(120) === 0 ? 10_000_000 : 1_000)),
    };
    if (entry.debit === entry.credit) entry.credit = "fees";
    return draw(3) === 0 ? pending(entry) : post(entry);
  }

  /** One attempt in a transaction. Whatever it throws, nothing of it stays. */
  function attempt(storage: DurableObjectStorage, batch: Transfer[], rules = RULES, also = () => {}): string {
    try {
      return storage.transactionSync(() => {
        const outcome = postTransfers(drizzle(storage), rules, batch);
        also();
        return outcome;
      });
    } catch (error) {
      if (error instanceof InfernetError) return error.code;
      if (error instanceof RangeError || error instanceof Interruption) return "interrupted";
      throw error;
    }
  }

  function postBatch(storage: DurableObjectStorage, size_max: number): void {
    const batch = Array.from({ length: Math.min(1 + draw(60), size_max) }, makeTransfer);
    const chance = draw(20);
    let outcome = "";
    if (chance === 0) {
      outcome = attempt(storage, batch, RULES, () => {
        throw new Interruption();
      });
      if (outcome === "interrupted") happened.interrupted += 1;
    }
    if (chance === 1) {
      outcome = attempt(storage, batch, TEARING);
      if (outcome === "interrupted") happened.torn += 1;
    }
    outcome = attempt(storage, batch);
    if (outcome === "funds_insufficient") {
      happened.refused += 1;
      // What it would have settled stays open.
      const settled = batch.flatMap(({ pending }) => pending ?? []);
      open.push(...settled.flatMap((id) => findTransfer(drizzle(storage), id) ?? []));
      return;
    }
    expect(outcome).toBe("posted");
    posted += batch.length;
    open.push(...batch.filter(({ kind }) => kind === "pending"));
    if (chance === 2) {
      expect(attempt(storage, batch)).toBe("replayed");
      happened.replayed += 1;
    }
    if (chance === 3) {
      const other = batch.map((transfer) => ({ ...transfer, memo: "other" }));
      expect(attempt(storage, other)).toBe("ledger_conflict");
      expect(attempt(storage, [...batch, post({ id: `t${made++}` })])).toBe("ledger_conflict");
      happened.conflicted += 1;
    }
  }

  return { postBatch, posted: () => posted, happened };
}

/** Rules whose last account cannot be stored: writing breaks off when all transfers and some accounts are written. */
const TEARING: LedgerRules = {
  ...RULES,
  decideTransfers(lookup, transfers) {
    const decision = decideTransfers(lookup, transfers);
    const last = decision.kind === "posted" ? decision.accounts.at(-1) : undefined;
    if (last !== undefined) last.credits_posted = LEDGER_AMOUNT_MAX + 1n;
    return decision;
  },
};
