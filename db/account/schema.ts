export { ledger_accounts, ledger_transfers } from "../ledger/schema.ts";

import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { safeInteger } from "../ledger/safe-integer-column.ts";

/** The account that this object is: one row. */
export const accounts = sqliteTable("accounts", {
  id: text().primaryKey(),
  name: text().notNull(),
  created_ms: integer().notNull(),
});

/** Keys that may speak for the account, as the sha256 of each. */
export const api_keys = sqliteTable("api_keys", {
  sha256: text().primaryKey(),
  created_ms: integer().notNull(),
});

/** Addresses that answered 410 Gone. */
export const disabled_webhooks = sqliteTable("disabled_webhooks", {
  url: text().primaryKey(),
  disabled_ms: integer().notNull(),
});

/** Funds that wait for a job's end: a row from the reservation to the settlement. */
export const reservations = sqliteTable("reservations", {
  job_id: text().primaryKey(),
  /** When to ask the job how it stands, should it not say so itself. */
  check_ms: integer().notNull(),
});

/** Escrows that jobs of this account can be paid from. `deadline_ms`: until when they can be released from. */
export const escrows = sqliteTable("escrows", {
  escrow: text().primaryKey(),
  unit: text().notNull(),
  deadline_ms: integer().notNull(),
});

/** The payment that made this account, where one did: one row at most. */
export const payments = sqliteTable("payments", {
  /** sha256 of the transaction's message. */
  id: text().primaryKey(),
  state: text({ enum: ["open", "paid", "failed"] }).notNull(),
  /** Tells the request that it pays for from others. */
  request_sha256: text().notNull(),
  payer: text().notNull(),
  unit: text().notNull(),
  /** The escrow that it goes to, which takes no payments after its deadline. */
  escrow: text().notNull(),
  deadline_ms: integer().notNull(),
  amount: safeInteger().notNull(),
  /** What the job was priced at when it was paid for. */
  quoted: safeInteger().notNull(),
  /** The transaction with all signatures, in base64: stored before it is sent. */
  raw: text().notNull(),
  signature: text().notNull(),
  last_valid_block_height: integer().notNull(),
  /** Why it failed. */
  detail: text(),
  /** The job that funds were set aside for: whoever goes on with the purchase makes this one and no other. */
  job_id: text(),
  /** When it was taken, in Unix ms. */
  at_ms: integer().notNull(),
});

/** Files: what batches read, and what they answered with. */
export const files = sqliteTable("files", {
  id: text().primaryKey(),
  purpose: text({ enum: ["batch", "batch_output"] }).notNull(),
  filename: text().notNull(),
  bytes: integer().notNull(),
  /** The blobs that its bytes lie in, in order: a JSON list of FilePiece. */
  pieces: text().notNull(),
  created_ms: integer().notNull(),
  expires_ms: integer().notNull(),
});

export const batches = sqliteTable("batches", {
  id: text().primaryKey(),
  /** What was asked for, as JSON: it never changes. */
  record: text().notNull(),
  /** How far it is, as JSON. */
  state: text().notNull(),
  /** When it is to be gone on with; null once it is over. */
  next_ms: integer(),
});

/** Lines of a batch that belong together: those of one job, or those that none could be made of. */
export const batch_parts = sqliteTable(
  "batch_parts",
  {
    batch_id: text().notNull(),
    n: integer().notNull(),
    job_id: text(),
    /** What became of the lines, once that is known. JSON. */
    outcome: text(),
    /** The job to make; null where there is none. JSON. */
    work: text(),
    /** Of each line, in the order of the job's rows, what its answer is written with. JSON; last, so that scans skip it. */
    lines: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.batch_id, table.n] })],
);
