import {
  countBatches,
  deleteOldBatches,
  insertBatch,
  listBatches,
  listBatchJobs,
  readBatch,
  wakeBatch,
  writeBatch,
} from "@infernet/db/account/batches";
import type { AccountDb } from "@infernet/db/account/queries";
import { applyBatchEvent, createBatchState, takesBatchEvent } from "@infernet/protocol/batch/batch-state";
import type { Batch, BatchRequest } from "@infernet/schemas/batch";
import type { BatchRecord } from "@infernet/schemas/batch-state";
import { InfernetError } from "@infernet/schemas/errors";
import { type BatchId, FileId, formatBatchId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { cutOpenaiPage, type OpenaiPage, type OpenaiPageQuery } from "@infernet/schemas/openai-page";
import { uuidv7 } from "uuidv7";
import { findFile } from "../files/account-files.ts";
import { renderBatch } from "./render-batch.ts";

/**
 * Makes a batch, whose work begins with the next alarm. Those that are over for as long as files are kept are forgotten
 * then. Throws `not_found` and `too_many_batches`.
 */
export function createBatch(db: AccountDb, request: BatchRequest, origin: string, now_ms: number): Batch {
  deleteOldBatches(db, now_ms - LIMITS.file_retention_ms);
  const { all, open } = countBatches(db);
  if (open >= LIMITS.batches_open_max || all >= LIMITS.batches_per_account_max)
    throw new InfernetError(
      "too_many_batches",
      `the account has ${all} batches, ${open} of which are not over`,
    );
  const file = inputOf(db, request, now_ms);
  const record: BatchRecord = {
    id: formatBatchId(uuidv7()),
    endpoint: request.endpoint,
    input_file_id: file.id,
    pieces: file.pieces,
    origin,
    metadata: request.metadata ?? null,
    created_ms: now_ms,
    expires_ms: now_ms + LIMITS.batch_window_ms,
    retention_ms: request.output_expires_after
      ? request.output_expires_after.seconds * 1_000
      : LIMITS.file_retention_ms,
  };
  const state = createBatchState(now_ms);
  insertBatch(db, { record, state }, now_ms);
  return renderBatch({ record, state }, []);
}

function inputOf(db: AccountDb, { input_file_id }: BatchRequest, now_ms: number) {
  const id = FileId.safeParse(input_file_id);
  const file = id.success ? findFile(db, id.data, now_ms) : null;
  if (file?.purpose === "batch") return file;
  const detail =
    file === null ? `there is no file ${input_file_id}` : "the file was not uploaded for a batch";
  throw new InfernetError(file === null ? "not_found" : "request_invalid", detail, {
    errors: [{ pointer: "/input_file_id", detail }],
  });
}

/** A batch as it stands. One that is not over is looked after soon because of it. Throws `not_found`. */
export function viewBatch(db: AccountDb, id: BatchId, now_ms: number): Batch {
  const batch = findBatch(db, id);
  wakeBatch(db, id, now_ms + LIMITS.batch_read_poll_ms);
  return renderBatch(batch, listBatchJobs(db, id));
}

export function pageBatches(db: AccountDb, query: OpenaiPageQuery): OpenaiPage<Batch> {
  const batches = listBatches(db, query);
  return cutOpenaiPage(
    batches.map((batch) => renderBatch(batch, listBatchJobs(db, batch.record.id))),
    query.limit,
  );
}

/** Cancels a batch. Doing it again changes nothing. Throws `not_found`, and `batch_over` when it ended otherwise. */
export function cancelBatch(db: AccountDb, id: BatchId, now_ms: number): Batch {
  const { state } = findBatch(db, id);
  if (takesBatchEvent(state, "cancel"))
    writeBatch(db, id, applyBatchEvent(state, { kind: "cancel" }, now_ms), now_ms);
  else if (state.status !== "cancelling" && state.status !== "cancelled")
    throw new InfernetError("batch_over", `${id} is ${state.status}`);
  return viewBatch(db, id, now_ms);
}

function findBatch(db: AccountDb, id: BatchId) {
  const batch = readBatch(db, id);
  if (batch === null) throw new InfernetError("not_found", `there is no batch ${id}`);
  return batch;
}
