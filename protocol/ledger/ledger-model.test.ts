import { InfernetError } from "@infernet/schemas/errors";
import { LEDGER_AMOUNT_MAX, type Transfer } from "@infernet/schemas/ledger";
import fc from "fast-check";
import { expect, test } from "vitest";
import { auditLedger } from "./audit-ledger.ts";
import { sameTransfer } from "./same-transfer.ts";
import { commitOf, voidOf } from "./settle-pending.ts";
import { MemoryLedger } from "./testing/memory-ledger.ts";
import { news, pending, post } from "./testing/sample-transfer.ts";

const NAMES = ["outside", "anna", "bert", "fees"];

/** Few ids, names and amounts, so that repeats, conflicts and empty accounts are common. */
const name = fc.constantFrom(...NAMES);
const payer = fc.oneof({ arbitrary: fc.constant("outside"), weight: 2 }, name);
const id = fc.integer({ min: 0, max: 200 }).map((n) => `t${n}`);
const amount = fc.oneof(
  { arbitrary: fc.bigInt({ min: 1n, max: 50n }), weight: 60 },
  fc.constantFrom(0n, LEDGER_AMOUNT_MAX, LEDGER_AMOUNT_MAX - 20n, LEDGER_AMOUNT_MAX + 1n),
);
const unit = fc.constantFrom("credit", "usdc:solana");
const entry = fc
  .record({ id, debit: payer, credit: name, unit, amount })
  .filter(({ debit, credit }) => debit !== credit);
const move = fc.oneof(entry.map(post), entry.map(pending));

/** A transfer, or the n-th of those before it settled in one way or another, or the n-th of those before it again. */
const step = fc.oneof(
  { arbitrary: fc.record({ kind: fc.constant("move" as const), transfer: move }), weight: 4 },
  { arbitrary: fc.record({ kind: fc.constantFrom("commit", "void"), n: fc.nat(), id, amount }), weight: 3 },
  { arbitrary: fc.record({ kind: fc.constant("repeat" as const), n: fc.nat() }), weight: 1 },
);
const batches = fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 30, maxLength: 60 });

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function transferOf(step: Step, journal: readonly Transfer[]): Transfer[] {
  if ("transfer" in step) return [step.transfer];
  const pendings = journal.filter(({ kind }) => kind === "pending");
  const from = step.kind === "repeat" ? journal : pendings;
  const earlier = from[step.n % Math.max(from.length, 1)];
  if (earlier === undefined) return [];
  if (!("id" in step)) return [earlier];
  return [
    step.kind === "void" ? voidOf(earlier, news(step.id)) : commitOf(earlier, news(step.id), step.amount),
  ];
}

/** What must come of a batch, told from the whole journal alone, however slowly. */
function predict(journal: readonly Transfer[], batch: readonly Transfer[]): string {
  const repeats = batch.filter((a) => journal.some((b) => sameTransfer(a, b)));
  const ids = new Set(batch.map(({ id }) => id));
  const taken = batch.filter(({ id }) => journal.some((b) => b.id === id));
  if (ids.size < batch.length || taken.length > repeats.length) return "ledger_conflict";
  if (repeats.length > 0 || batch.length === 0)
    return repeats.length === batch.length ? "replayed" : "ledger_conflict";
  const after = [...journal];
  for (const transfer of batch) {
    const refusal = refuse(after, transfer);
    if (refusal !== null) return refusal;
    after.push(transfer);
  }
  return "posted";
}

function refuse(journal: readonly Transfer[], transfer: Transfer): string | null {
  if (transfer.amount < 1n || transfer.amount > LEDGER_AMOUNT_MAX) return "amount_invalid";
  if (transfer.pending !== null) {
    const held = journal.find(({ id }) => id === transfer.pending);
    if (held?.kind !== "pending") return "pending_unknown";
    if (journal.some(({ pending }) => pending === transfer.pending)) return "pending_settled";
    return transfer.amount > held.amount ? "amount_invalid" : null;
  }
  const { debit, credit, unit } = transfer;
  const after = [...journal, transfer];
  if (
    debit !== "outside" &&
    sum(after, "credit", debit, unit, false) < sum(after, "debit", debit, unit, true)
  )
    return "funds_insufficient";
  const sums = [sum(after, "debit", debit, unit, true), sum(after, "credit", credit, unit, true)];
  return sums.some((total) => total > LEDGER_AMOUNT_MAX) ? "amount_invalid" : null;
}

/** What an account was debited or credited, with what is set aside or without. */
function sum(
  journal: readonly Transfer[],
  side: "debit" | "credit",
  name: string,
  unit: string,
  held: boolean,
) {
  return journal
    .filter((transfer) => transfer[side] === name && transfer.unit === unit)
    .filter(({ id, kind }) => {
      if (kind === "pending") return held && !journal.some(({ pending }) => pending === id);
      return kind !== "void";
    })
    .reduce((total, { amount }) => total + amount, 0n);
}

test("any sequence of batches ends as the journal alone says it must, and the books balance after each", () => {
  const outcomes = new Map<string, number>();
  fc.assert(
    fc.property(batches, (batches) => {
      const ledger = new MemoryLedger();
      for (const steps of batches) {
        const journal = [...ledger.transfers.values()];
        const batch = steps.flatMap((step) => transferOf(step, journal));
        const expected = predict(journal, batch);
        expect(outcomeOf(ledger, batch)).toBe(expected);
        outcomes.set(expected, (outcomes.get(expected) ?? 0) + 1);
        expect(auditLedger(ledger.accounts.values(), ledger.transfers.values())).toEqual([]);
        expect(ledger.transfers.size).toBe(journal.length + (expected === "posted" ? batch.length : 0));
      }
    }),
    { numRuns: 150 },
  );
  // Otherwise the sequences are not worth trying.
  for (const code of [
    "posted",
    "replayed",
    "ledger_conflict",
    "funds_insufficient",
    "amount_invalid",
    "pending_settled",
  ])
    expect(outcomes.get(code) ?? 0, code).toBeGreaterThan(20);
});

function outcomeOf(ledger: MemoryLedger, batch: readonly Transfer[]): string {
  try {
    return ledger.post(...batch);
  } catch (error) {
    if (error instanceof InfernetError) return error.code;
    throw error;
  }
}
