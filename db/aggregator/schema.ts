import { sql } from "drizzle-orm";
import { integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { bytes } from "../bytes-column.ts";

/**
 * What one aggregator object owns. Every table is WITHOUT ROWID, so that a write is one row on the bill, and
 * none has an index that every insert would pay for.
 */
export const jobs = sqliteTable(
  "jobs",
  {
    id: text().primaryKey(),
    account_id: text().notNull(),
    created_ms: integer().notNull(),
    finished_ms: integer(),
    /** Messages to other objects that are not acknowledged yet: a JSON list of their kinds. */
    outbox: text().notNull(),
    /** The account and its Idempotency-Key, and the digest of the payload that came with it. */
    idempotency: text(),
    request_sha256: text(),
    /** JobRecord as JSON. */
    record: text().notNull(),
    /** Inline input tensors in binary form; null when all inputs are blobs. Last, so that scans skip it. */
    input: bytes(),
  },
  (table) => [uniqueIndex("jobs_idempotency").on(table.idempotency).where(sql`idempotency IS NOT NULL`)],
);

export const facts = sqliteTable(
  "facts",
  {
    job_id: text().notNull(),
    seq: integer().notNull(),
    at_ms: integer().notNull(),
    /** JobFact as JSON. */
    body: text().notNull(),
    /** Outputs of a commitment's shards, in binary form. */
    payload: bytes(),
  },
  (table) => [primaryKey({ columns: [table.job_id, table.seq] })],
);

/** Runners that contradicted themselves in a job that was over: its log takes no fact any more, and the evidence still counts. */
export const contradictions = sqliteTable(
  "contradictions",
  {
    job_id: text().notNull(),
    runner: text().notNull(),
    /** ContradictedFact as JSON. */
    body: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.job_id, table.runner] })],
);

export const deliveries = sqliteTable(
  "deliveries",
  {
    job_id: text().notNull(),
    id: text().notNull(),
    type: text().notNull(),
    url: text().notNull(),
    state: text().notNull(),
    /** The webhook's exact body, the same for every attempt. */
    body: text().notNull(),
    /** DeliveryAttempt list as JSON. */
    attempts: text().notNull(),
    next_ms: integer(),
  },
  (table) => [primaryKey({ columns: [table.job_id, table.id] })],
);

/** What was delivered of streamed completions: a row for each block that a runner signed, and for the rest when one is lost. */
export const streams = sqliteTable(
  "streams",
  {
    job_id: text().notNull(),
    shard: integer().notNull(),
    /** Position of the first part; rows of a shard follow on each other. */
    start: integer().notNull(),
    runner: text().notNull(),
    lease_id: text().notNull(),
    /** The parts, and the signed block that ends with them, in binary form. */
    payload: bytes().notNull(),
  },
  (table) => [primaryKey({ columns: [table.job_id, table.shard, table.start] })],
);
