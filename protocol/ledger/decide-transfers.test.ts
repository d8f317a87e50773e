import type { ErrorCode } from "@infernet/schemas/errors";
import { availableOf, balanceOf, LEDGER_AMOUNT_MAX, LedgerAccountName, Unit } from "@infernet/schemas/ledger";
import { describe, expect, test } from "vitest";
import { commitOf, voidOf } from "./settle-pending.ts";
import { MemoryLedger } from "./testing/memory-ledger.ts";
import { news, pending, post } from "./testing/sample-transfer.ts";

/** A ledger whose client has 100 credits. */
function funded(): MemoryLedger {
  const ledger = new MemoryLedger();
  ledger.post(post({ id: "deposit" }));
  return ledger;
}

/** Balance and what of it is available. */
function standing(ledger: MemoryLedger, name: string, unit = "credit"): [bigint, bigint] {
  const account = ledger.account(LedgerAccountName.parse(name), Unit.parse(unit));
  return [balanceOf(account), availableOf(account)];
}

const hold = pending({ id: "hold", debit: "client", credit: "fees", amount: 60n });

const failure = (code: ErrorCode, ...words: string[]) =>
  expect.objectContaining({ code, message: expect.stringMatching(words.join(".*")) });

describe("posting", () => {
  test("takes from one account what it gives to the other", () => {
    const ledger = funded();
    ledger.post(post({ id: "spend", debit: "client", credit: "fees", amount: 30n }));
    expect(standing(ledger, "client")).toEqual([70n, 70n]);
    expect(standing(ledger, "fees")).toEqual([30n, 30n]);
    expect(standing(ledger, "outside")).toEqual([-100n, -100n]);
  });

  test("says what is missing, and in which unit, when funds do not cover an amount", () => {
    const spend = post({ id: "spend", debit: "client", credit: "fees", amount: 130n });
    expect(() => funded().post(spend)).toThrow(
      failure("funds_insufficient", "client", "has 100", "30 credit are missing"),
    );
  });

  test("keeps one name's units apart", () => {
    const ledger = funded();
    const spend = post({ id: "spend", debit: "client", credit: "fees", unit: "usdc:solana", amount: 1n });
    expect(() => ledger.post(spend)).toThrow(failure("funds_insufficient", "1 usdc:solana are missing"));
    ledger.post(post({ id: "coins", unit: "usdc:solana", amount: 5n }));
    expect(standing(ledger, "client")).toEqual([100n, 100n]);
    expect(standing(ledger, "client", "usdc:solana")).toEqual([5n, 5n]);
  });

  test.each([0n, -1n, LEDGER_AMOUNT_MAX + 1n])("refuses an amount of %d", (amount) => {
    expect(() => new MemoryLedger().post(post({ id: "a", amount }))).toThrow(
      failure("amount_invalid", `${amount}`),
    );
  });

  test("takes the largest amount, and then nothing more that would not be exact", () => {
    const ledger = new MemoryLedger();
    ledger.post(post({ id: "all", amount: LEDGER_AMOUNT_MAX }));
    expect(standing(ledger, "client")).toEqual([LEDGER_AMOUNT_MAX, LEDGER_AMOUNT_MAX]);
    expect(() => ledger.post(post({ id: "more", amount: 1n }))).toThrow(
      failure("amount_invalid", "9007199254740992"),
    );
    expect(() => ledger.post(pending({ id: "later", amount: 1n }))).toThrow(failure("amount_invalid"));
  });

  test("refuses a transfer from an account to itself", () => {
    expect(() => funded().post(post({ id: "loop", debit: "client" }))).toThrow(RangeError);
  });
});

describe("a batch", () => {
  test("may spend in one transfer what the one before it brought", () => {
    const ledger = new MemoryLedger();
    ledger.post(post({ id: "in" }), post({ id: "out", debit: "client", credit: "fees" }));
    expect(standing(ledger, "fees")).toEqual([100n, 100n]);
    const reversed = [post({ id: "out", debit: "client", credit: "fees" }), post({ id: "in" })];
    expect(() => new MemoryLedger().post(...reversed)).toThrow(failure("funds_insufficient"));
  });

  test("posts nothing when one of its transfers is refused", () => {
    const ledger = funded();
    const batch = [
      post({ id: "more" }),
      post({ id: "spend", debit: "client", credit: "fees", amount: 201n }),
    ];
    expect(() => ledger.post(...batch)).toThrow(failure("funds_insufficient"));
    expect(standing(ledger, "client")).toEqual([100n, 100n]);
    expect(ledger.transfer("more")).toBeNull();
  });

  test("changes nothing when it is repeated, at whatever time", () => {
    const ledger = funded();
    expect(ledger.post({ ...post({ id: "deposit" }), at_ms: 9_999 })).toBe("replayed");
    expect(standing(ledger, "client")).toEqual([100n, 100n]);
    expect(ledger.transfer("deposit")?.at_ms).toBe(1_000);
  });

  test("is refused when an id was used for something else", () => {
    const other = [{ amount: 1n }, { credit: "fees" }, { unit: "usdc:solana" }, { memo: "other" }];
    for (const change of other)
      expect(() => funded().post(post({ id: "deposit", ...change }))).toThrow(
        failure("ledger_conflict", "deposit"),
      );
    expect(() => funded().post(pending({ id: "deposit" }))).toThrow(failure("ledger_conflict"));
  });

  test("is refused when only some of it was posted before", () => {
    const batch = [post({ id: "deposit" }), post({ id: "new" })];
    expect(() => funded().post(...batch)).toThrow(failure("ledger_conflict", "1 of the batch's 2"));
  });

  test("is refused when it has an id twice", () => {
    expect(() => new MemoryLedger().post(post({ id: "a" }), post({ id: "a" }))).toThrow(
      failure("ledger_conflict", "a"),
    );
  });

  test("of nothing changes nothing, and one over the limit is refused", () => {
    expect(new MemoryLedger().post()).toBe("replayed");
    const many = Array.from({ length: 501 }, (_, n) => post({ id: `n${n}` }));
    expect(() => new MemoryLedger().post(...many)).toThrow("501 transfers is over the limit of 500");
  });
});

describe("a pending transfer", () => {
  test("sets an amount aside without moving it", () => {
    const ledger = funded();
    ledger.post(hold);
    expect(standing(ledger, "client")).toEqual([100n, 40n]);
    expect(standing(ledger, "fees")).toEqual([0n, 0n]);
    const spend = post({ id: "spend", debit: "client", credit: "fees", amount: 41n });
    expect(() => ledger.post(spend)).toThrow(failure("funds_insufficient", "1 credit are missing"));
  });

  test("is posted by a commit, which gives back what it does not take", () => {
    const ledger = funded();
    ledger.post(hold);
    ledger.post(commitOf(hold, news("commit"), 25n));
    expect(standing(ledger, "client")).toEqual([75n, 75n]);
    expect(standing(ledger, "fees")).toEqual([25n, 25n]);
  });

  test("is given back by a void", () => {
    const ledger = funded();
    ledger.post(hold);
    ledger.post(voidOf(hold, news("void")));
    expect(standing(ledger, "client")).toEqual([100n, 100n]);
    expect(standing(ledger, "fees")).toEqual([0n, 0n]);
  });

  test("can be settled in the batch that makes it", () => {
    const ledger = funded();
    ledger.post(hold, commitOf(hold, news("commit")));
    expect(standing(ledger, "fees")).toEqual([60n, 60n]);
    expect(() => ledger.post(voidOf(hold, news("void")))).toThrow(failure("pending_settled"));
  });

  test("is settled once: a repeat changes nothing, another settlement is refused", () => {
    const ledger = funded();
    ledger.post(hold);
    ledger.post(commitOf(hold, news("commit")));
    expect(ledger.post(commitOf(hold, news("commit")))).toBe("replayed");
    expect(() => ledger.post(voidOf(hold, news("void")))).toThrow(
      failure("pending_settled", "hold", "commit"),
    );
    const twice = [hold, voidOf(hold, news("v1")), voidOf(hold, news("v2"))];
    expect(() => funded().post(...twice)).toThrow(failure("pending_settled", "v1"));
  });

  test("must be there, and pending", () => {
    expect(() => funded().post(commitOf(hold, news("commit")))).toThrow(failure("pending_unknown", "hold"));
    const posted = commitOf(post({ id: "deposit" }), news("commit"));
    expect(() => funded().post(posted)).toThrow(failure("pending_unknown", "deposit"));
  });

  test("is settled between its own accounts, in its own unit, for no more than it set aside", () => {
    const ledger = funded();
    ledger.post(hold);
    const commit = commitOf(hold, news("commit"));
    const { unit, credit } = post({ id: "x", unit: "usdc:solana", credit: "elsewhere" });
    expect(() => ledger.post({ ...commit, unit })).toThrow(
      failure("ledger_unit_mixed", "credit", "usdc:solana"),
    );
    expect(() => ledger.post({ ...commit, credit })).toThrow(failure("ledger_conflict", "elsewhere"));
    expect(() => ledger.post({ ...commit, amount: 61n })).toThrow(failure("amount_invalid", "61", "60"));
    expect(() => ledger.post({ ...voidOf(hold, news("void")), amount: 59n })).toThrow(
      failure("amount_invalid", "59"),
    );
  });
});
