import { readPart, type StoredBatch, type StoredPart } from "@infernet/db/account/batches";
import type { PartLine, PartOutcome } from "@infernet/schemas/batch-state";
import type { Bytes } from "@infernet/schemas/digest";
import { ERROR_CODES, InfernetError } from "@infernet/schemas/errors";
import type { JobId } from "@infernet/schemas/ids";
import type { Job } from "@infernet/schemas/job";
import { decodeTensors } from "@infernet/schemas/tensors-binary";
import { aggregatorOf } from "../aggregator/aggregator-of.ts";
import { createBlobStore } from "../blobs/create-blob-store.ts";
import { readBlob } from "../blobs/read-blob.ts";
import { unwrap } from "../rpc.ts";
import { readAnswers } from "./answer-lines.ts";
import type { BatchContext } from "./batch-context.ts";
import { closeBatchPart } from "./close-part.ts";
import { ResultWriter } from "./result-writer.ts";
import { takeTurns } from "./take-turns.ts";
import { CANCELLED, EXPIRED, leaveLines } from "./unanswered.ts";

/** What reading and writing the answer to a row takes, as in bytes of text. */
const ROW_WEIGHT = 4_096;

/** Writes the result lines of a part whose job is over, and ends the part. */
export async function collectPart(ctx: BatchContext, batch: StoredBatch, n: number, job: Job): Promise<void> {
  const part = readPart(ctx.db, batch.record.id, n);
  if (part === null || part.lines.length === 0) return;
  closeBatchPart(ctx, batch.record.id, n, await outcomeOf(ctx, batch, part, job));
}

async function outcomeOf(
  ctx: BatchContext,
  { record }: StoredBatch,
  { lines }: StoredPart,
  job: Job,
): Promise<PartOutcome> {
  const charged_micro = job.price.settled?.charged_micro ?? "0";
  switch (job.state) {
    case "succeeded":
      return answerLines(ctx, record, lines, job, charged_micro);
    case "expired":
      return leaveLines(ctx, record.id, lines, EXPIRED, charged_micro);
    case "canceled":
      return leaveLines(ctx, record.id, lines, CANCELLED, charged_micro);
    default:
      return failLines(ctx, record, lines, job, charged_micro);
  }
}

async function answerLines(
  ctx: BatchContext,
  { id, endpoint }: StoredBatch["record"],
  lines: readonly PartLine[],
  job: Job,
  charged_micro: string,
): Promise<PartOutcome> {
  const results = new ResultWriter(createBlobStore(ctx.env), id);
  const answerOf = readAnswers(endpoint, job, decodeTensors(await readResult(ctx, job.id)));
  let start = 0;
  for await (const line of takeTurns(lines, ({ rows }) => rows * ROW_WEIGHT)) {
    const answer = answerOf(line, start);
    start += line.rows;
    if ("error" in answer) await results.fail(line, answer.error, job.id);
    else await results.succeed(line, job.id, answer.body, answer.usage);
  }
  return results.close(charged_micro);
}

async function failLines(
  ctx: BatchContext,
  { id }: Pick<StoredBatch["record"], "id">,
  lines: readonly PartLine[],
  job: Job,
  charged_micro: string,
): Promise<PartOutcome> {
  const code = ERROR_CODES.find((known) => known === job.error?.code) ?? "internal";
  const error = new InfernetError(code, job.error?.detail ?? `the job ${job.id} ${job.state}`);
  const results = new ResultWriter(createBlobStore(ctx.env), id);
  for (const line of lines) await results.fail(line, error, job.id);
  return results.close(charged_micro);
}

async function readResult(ctx: BatchContext, id: JobId): Promise<Bytes> {
  const { job, bytes } = unwrap(await aggregatorOf(ctx.env, id).result(ctx.account.id, id));
  if (bytes !== null) return bytes;
  if (job.result === null) throw new Error(`${id} has succeeded and has no result`);
  return readBlob(createBlobStore(ctx.env), job.result.sha256);
}
