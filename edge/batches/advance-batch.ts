import {
  insertPart,
  listOpenJobs,
  listOutcomes,
  nextBatch,
  readBatch,
  readOpenParts,
  type StoredBatch,
  writeBatch,
} from "@infernet/db/account/batches";
import {
  applyBatchEvent,
  type BatchEvent,
  nextBatchStep,
  takesBatchEvent,
} from "@infernet/protocol/batch/batch-state";
import { isFinal } from "@infernet/protocol/job-progress";
import type { FilePiece } from "@infernet/schemas/file";
import type { BatchId, FileId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { aggregatorOf } from "../aggregator/aggregator-of.ts";
import { createBlobStore } from "../blobs/create-blob-store.ts";
import { addFile } from "../files/account-files.ts";
import { readLines } from "../files/read-lines.ts";
import { readPieces } from "../files/read-pieces.ts";
import { unwrap } from "../rpc.ts";
import type { BatchContext } from "./batch-context.ts";
import { collectPart } from "./collect-part.ts";
import { cutInput } from "./cut-input.ts";
import { parseBatchLine } from "./parse-batch-line.ts";
import { ResultWriter } from "./result-writer.ts";
import { submitPart } from "./submit-part.ts";
import { takeTurns } from "./take-turns.ts";
import { seedOfLine, translateLine } from "./translate-line.ts";
import { whyUnanswered } from "./unanswered.ts";
import { validateInput } from "./validate-input.ts";

/**
 * Does what the account's open batches are due for, one step at a time, the longest waiting first, until none is due or the
 * time is over. Each step stores what it makes before it says so, in one transaction, and may be repeated: a process that
 * dies in between leaves blobs that nobody names, and nothing else.
 *
 * @returns when to go on, in Unix ms; null when no batch is open
 */
export async function advanceBatches(ctx: BatchContext, until_ms: number): Promise<number | null> {
  for (;;) {
    const next = nextBatch(ctx.db);
    if (next === null || next.next_ms > ctx.now() || ctx.now() >= until_ms) return next?.next_ms ?? null;
    try {
      await advance(ctx, next.id);
    } catch (error) {
      logFailure(next.id, error);
      pause(ctx, next.id, LIMITS.batch_retry_ms);
    }
  }
}

async function advance(ctx: BatchContext, id: BatchId): Promise<void> {
  const batch = readBatch(ctx.db, id);
  if (batch === null) throw new Error(`the batch ${id} is gone`);
  const step = nextBatchStep(batch.state, readOpenParts(ctx.db, id));
  switch (step) {
    case "validate":
      return validate(ctx, batch);
    case "cut":
      return cut(ctx, batch);
    case "submit":
      if (await submitPart(ctx, batch)) return;
      // Until machines come for the rest, the jobs that there are go on.
      return collect(ctx, batch, LIMITS.batch_retry_ms);
    case "collect":
      return collect(ctx, batch, LIMITS.batch_poll_ms);
    case "finalize":
      return note(ctx, id, { kind: "finalizing" });
    case "close":
      return close(ctx, batch);
    case null:
      return writeBatch(ctx.db, id, batch.state, null);
    default:
      return step satisfies never;
  }
}

const linesOf = (ctx: BatchContext, { record, state }: StoredBatch) =>
  takeTurns(
    readLines(
      readPieces(createBlobStore(ctx.env), record.pieces, state.uncut?.offset),
      state.uncut ?? undefined,
    ),
    ({ text }) => text?.length ?? 0,
  );

async function validate(ctx: BatchContext, batch: StoredBatch): Promise<void> {
  note(ctx, batch.record.id, await validateInput(linesOf(ctx, batch), batch.record.endpoint));
}

async function cut(ctx: BatchContext, batch: StoredBatch): Promise<void> {
  const { id, endpoint } = batch.record;
  const store = createBlobStore(ctx.env);
  const why = whyUnanswered(batch, ctx.now());
  const { parts, uncut } = await cutInput({
    store,
    lines: linesOf(ctx, batch),
    parse: (line) => parseBatchLine(line, endpoint),
    translate: (request, line) => translateLine(ctx.env, endpoint, request, seedOfLine(id, line)),
    results: () => new ResultWriter(store, id),
    why,
  });
  ctx.transact(() => {
    const { state } = readBatch(ctx.db, id) ?? batch;
    for (const [index, part] of parts.entries()) insertPart(ctx.db, id, state.parts + index, part);
    let after = applyBatchEvent(state, { kind: "cut", uncut, parts: parts.length }, ctx.now());
    for (const { outcome } of parts)
      if (outcome !== null) after = applyBatchEvent(after, { kind: "collected", outcome }, ctx.now());
    writeBatch(ctx.db, id, after, ctx.now());
  });
}

/** Ends the parts whose jobs are over, and looks again later when some are not. */
async function collect(ctx: BatchContext, batch: StoredBatch, pause_ms: number): Promise<void> {
  const { id } = batch.record;
  // Before anybody is asked: a job that ends meanwhile wakes the batch sooner than this.
  pause(ctx, id, pause_ms);
  for (const { n, job_id } of listOpenJobs(ctx.db, id)) {
    const aggregator = aggregatorOf(ctx.env, job_id);
    // A job that has ended otherwise cannot be canceled, and is collected as it is.
    if (batch.state.status === "cancelling") await aggregator.cancel(ctx.account.id, job_id);
    const job = unwrap(await aggregator.read(ctx.account.id, job_id));
    if (isFinal(job.state)) await collectPart(ctx, batch, n, job);
  }
}

function close(ctx: BatchContext, { record }: StoredBatch): void {
  const { id, retention_ms } = record;
  ctx.transact(() => {
    const outcomes = listOutcomes(ctx.db, id);
    const addResult = (name: string, pieces: FilePiece[]): FileId | null => {
      if (pieces.length === 0) return null;
      const bytes = pieces.reduce((sum, piece) => sum + piece.bytes, 0);
      const file = { filename: `${id}_${name}.jsonl`, bytes, pieces, retention_ms };
      return addFile(ctx.db, file, "batch_output", ctx.now()).id;
    };
    const output_file_id = addResult(
      "output",
      outcomes.flatMap(({ output }) => output),
    );
    const error_file_id = addResult(
      "error",
      outcomes.flatMap(({ errors }) => errors),
    );
    note(ctx, id, { kind: "closed", output_file_id, error_file_id });
  });
}

/** Notes what happened, unless the batch has gone another way meanwhile, as when it was canceled. */
function note(ctx: BatchContext, id: BatchId, event: BatchEvent): void {
  const batch = readBatch(ctx.db, id);
  if (batch === null || !takesBatchEvent(batch.state, event.kind)) return;
  writeBatch(ctx.db, id, applyBatchEvent(batch.state, event, ctx.now()), ctx.now());
}

function pause(ctx: BatchContext, id: BatchId, pause_ms: number): void {
  const batch = readBatch(ctx.db, id);
  if (batch !== null) writeBatch(ctx.db, id, batch.state, ctx.now() + pause_ms);
}

function logFailure(batch: BatchId, error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  console.error(JSON.stringify({ event: "account.batch_failed", batch, error: text }));
}
