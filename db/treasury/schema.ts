export { ledger_accounts, ledger_transfers } from "../ledger/schema.ts";

import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { safeInteger } from "../ledger/safe-integer-column.ts";

/** What providers asked to be sent, each once. `place` is an escrow's address, or `none` for the operator's own funds. */
export const payouts = sqliteTable(
  "payouts",
  {
    id: text().primaryKey(),
    place: text().notNull(),
    state: text({ enum: ["due", "sending", "pending", "paid", "returned"] }).notNull(),
    /** PayoutOrder as JSON. */
    order: text().notNull(),
    /** Times that it came to nothing. */
    attempts: integer().notNull(),
    /** When a due one may be chosen, in Unix ms. */
    next_ms: integer().notNull(),
    /** The payment that it is part of, or was last. */
    payment: text(),
    reference: text(),
    detail: text(),
    /** When it came into its state, in Unix ms. */
    at_ms: integer().notNull(),
  },
  (table) => [index("payouts_state").on(table.state, table.id)],
);

/** Payments from one place to several payees. A place has one under way at most, which the index sees to. */
export const payments = sqliteTable(
  "payments",
  {
    id: text().primaryKey(),
    place: text().notNull(),
    state: text({ enum: ["open", "done", "failed", "given_up", "handed_over"] }).notNull(),
    /** StoredTerms as JSON: they stay as they are, whatever has to be signed anew. */
    terms: text().notNull(),
    /** How many steps were prepared. */
    steps: integer().notNull(),
    reference: text(),
    detail: text(),
    at_ms: integer().notNull(),
  },
  (table) => [uniqueIndex("payments_open").on(table.place).where(sql`state = 'open'`)],
);

/** What was signed for a payment, before any of it was sent: the rail's own text. Kept, so that each can be asked after. */
export const steps = sqliteTable(
  "steps",
  {
    payment: text().notNull(),
    n: integer().notNull(),
    step: text().notNull(),
    at_ms: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.payment, table.n] })],
);

/** Where payouts come from, once there was one. */
export const places = sqliteTable("places", {
  place: text().primaryKey(),
  /** Why nothing new is paid from it; null when all is well. */
  halted: text(),
  /** What kept it from being gone on with the last time; null when nothing did. */
  detail: text(),
  /** Times in a row that it could not be gone on with. */
  failures: integer().notNull(),
  /** When to go on with it, in Unix ms, should it have something to do. */
  next_ms: integer().notNull(),
  /** Where on the chain it was last read, or a payment landed: what is read from before that says nothing about now. */
  position: integer().notNull(),
  /** The number that the next payment from it has; null where the chain's word is taken for that. */
  sequence: integer(),
});

/** Escrows that accounts have registered, as they were last read. */
export const escrows = sqliteTable(
  "escrows",
  {
    escrow: text().primaryKey(),
    account_id: text().notNull(),
    /** What tells this escrow from one that has its address later. */
    opened: text().notNull(),
    client: text().notNull(),
    voucher: text().notNull(),
    limit: safeInteger().notNull(),
    deposited: safeInteger().notNull(),
    paid: safeInteger().notNull(),
    min_bond: safeInteger().notNull(),
    fee_bps: integer().notNull(),
    deadline_ms: integer().notNull(),
    /** When it is compared with the book next, in Unix ms; null once it is closed. */
    check_ms: integer(),
  },
  (table) => [index("escrows_check").on(table.check_ms).where(sql`check_ms IS NOT NULL`)],
);

/** Payouts whose provider has not acknowledged yet how they came out. */
export const results = sqliteTable("results", {
  payout: text().primaryKey(),
  failures: integer().notNull(),
  next_ms: integer().notNull(),
});

/** Bonds of providers that contradicted themselves, each contradiction once: named by the provider and what it signed for. */
export const slashings = sqliteTable(
  "slashings",
  {
    id: text().primaryKey(),
    state: text({ enum: ["open", "slashed", "nothing_to_slash"] }).notNull(),
    /** SlashEvidence as JSON. */
    evidence: text().notNull(),
    amount: safeInteger(),
    reference: text(),
    detail: text(),
    /** Times in a row that it could not be gone on with. */
    failures: integer().notNull(),
    /** When to go on with it, in Unix ms. */
    next_ms: integer().notNull(),
    /** When it came into its state, in Unix ms. */
    at_ms: integer().notNull(),
  },
  (table) => [index("slashings_open").on(table.next_ms).where(sql`state = 'open'`)],
);

/** What was signed for a slashing, before any of it was sent: the rail's own text. Kept, so that each can be asked after. */
export const slashing_steps = sqliteTable(
  "slashing_steps",
  {
    slashing: text().notNull(),
    n: integer().notNull(),
    step: text().notNull(),
    at_ms: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.slashing, table.n] })],
);
