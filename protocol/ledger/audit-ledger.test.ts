import type { LedgerAccount, Transfer } from "@infernet/schemas/ledger";
import fc from "fast-check";
import { expect, test } from "vitest";
import { auditLedger } from "./audit-ledger.ts";
import { commitOf, voidOf } from "./settle-pending.ts";
import { MemoryLedger } from "./testing/memory-ledger.ts";
import { news, pending, post } from "./testing/sample-transfer.ts";

const hold = pending({ id: "hold", debit: "client", credit: "fees", amount: 60n });
const second = pending({ id: "second", debit: "client", credit: "fees", amount: 10n });

function sound(): { accounts: LedgerAccount[]; transfers: Transfer[] } {
  const ledger = new MemoryLedger();
  ledger.post(post({ id: "deposit" }), post({ id: "coins", unit: "usdc:solana" }), hold, second);
  ledger.post(commitOf(hold, news("commit"), 25n));
  return { accounts: [...ledger.accounts.values()], transfers: [...ledger.transfers.values()] };
}

test("finds nothing wrong with a sound ledger, in whatever order it is read", () => {
  const { accounts, transfers } = sound();
  expect(auditLedger(accounts, transfers)).toEqual([]);
  expect(auditLedger(accounts.toReversed(), transfers.toReversed())).toEqual([]);
  expect(auditLedger([], [])).toEqual([]);
});

test("says which sum is not what the transfers come to, and that the unit does not balance", () => {
  const { accounts, transfers } = sound();
  const wrong = accounts.map((account) =>
    account.name === "fees" ? { ...account, credits_posted: account.credits_posted + 1n } : account,
  );
  expect(auditLedger(wrong, transfers)).toEqual([
    "fees has posted credits of 26 credit; its transfers come to 25.",
    "In credit, debits of 125 and credits of 126 are posted.",
  ]);
});

test("finds any one sum that was changed, any account that is gone and any transfer that is gone", () => {
  const sums = fc.constantFrom(
    "debits_posted" as const,
    "credits_posted" as const,
    "debits_pending" as const,
    "credits_pending" as const,
  );
  const by = fc.bigInt({ min: -5n, max: 5n }).filter((n) => n !== 0n);
  const { accounts, transfers } = sound();
  fc.assert(
    fc.property(fc.nat(), sums, by, (n, sum, by) => {
      const wrong = accounts.map((account, at) =>
        at === n % accounts.length ? { ...account, [sum]: account[sum] + by } : account,
      );
      expect(auditLedger(wrong, transfers)).not.toEqual([]);
      expect(auditLedger(accounts.toSpliced(n % accounts.length, 1), transfers)).not.toEqual([]);
      expect(auditLedger(accounts, transfers.toSpliced(n % transfers.length, 1))).not.toEqual([]);
    }),
  );
});

test("finds an account that owes and must not", () => {
  const { accounts, transfers } = sound();
  const strict = accounts.map((account) => ({ ...account, may_be_negative: false }));
  expect(auditLedger(strict, transfers)).toEqual([
    "outside has -100 credit available, and must not be negative.",
    "outside has -100 usdc:solana available, and must not be negative.",
  ]);
});

test("finds settlements of nothing, of something else, and a second one", () => {
  const { accounts, transfers } = sound();
  const find = (transfer: Transfer) => auditLedger(accounts, [...transfers, transfer]);
  expect(find(voidOf({ ...hold, id: news("gone").id }, news("late")))).toContain(
    "late settles gone, which is not pending.",
  );
  expect(find(voidOf(hold, news("again")))).toContain("hold is settled again by again.");
  expect(find(commitOf(second, news("much"), 11n))).toContain("much does not fit second, which it settles.");
  expect(find({ ...voidOf(second, news("part")), amount: 9n })).toContain(
    "part does not fit second, which it settles.",
  );
});
