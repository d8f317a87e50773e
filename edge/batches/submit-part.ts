import {
  readUnsubmitted,
  type StoredBatch,
  type StoredPart,
  writePartJob,
} from "@infernet/db/account/batches";
import type { PartWork } from "@infernet/schemas/batch-state";
import { canonicalDigest } from "@infernet/schemas/digest";
import { ERRORS, InfernetError } from "@infernet/schemas/errors";
import { renderInstant } from "@infernet/schemas/instant";
import { JobRequest } from "@infernet/schemas/job";
import { createBlobStore } from "../blobs/create-blob-store.ts";
import { submitJob } from "../jobs/submit-job.ts";
import type { BatchContext } from "./batch-context.ts";
import { chooseVerification } from "./choose-verification.ts";
import { closeBatchPart } from "./close-part.ts";
import { ResultWriter } from "./result-writer.ts";
import { leaveLines, whyUnanswered } from "./unanswered.ts";

/**
 * Makes the job of the next part that has none and could be worked by a machine that is online; false where there is no such
 * part. Repeating it finds the job that was made: its key is the part's. Lines of a job that is refused are answered with
 * the reason; a reason that may pass is thrown, for another attempt.
 */
export async function submitPart(ctx: BatchContext, batch: StoredBatch): Promise<boolean> {
  const { id } = batch.record;
  for (let part = readUnsubmitted(ctx.db, id, -1); part; part = readUnsubmitted(ctx.db, id, part.n)) {
    try {
      await submit(ctx, batch, part);
      return true;
    } catch (error) {
      if (!(error instanceof InfernetError) || error.code !== "no_machine_fits") throw error;
    }
  }
  return false;
}

async function submit(ctx: BatchContext, batch: StoredBatch, part: StoredPart): Promise<void> {
  const { record } = batch;
  const { n, work } = part;
  const why = whyUnanswered(batch, ctx.now());
  if (why !== null)
    return closeBatchPart(ctx, record.id, n, await leaveLines(ctx, record.id, part.lines, why));
  if (work === null) throw new Error(`part ${n} of ${record.id} has neither work nor an outcome`);
  try {
    const key = `${ctx.account.id}:${record.id}:${n}`;
    const idempotency = { key, request_sha256: await canonicalDigest(work) };
    const by = { account: ctx.account, origin: record.origin };
    const pending = { complete: () => describeJob(ctx, batch, n, work) };
    const { job } = await submitJob(ctx.env, pending, by, idempotency);
    writePartJob(ctx.db, record.id, n, job.id);
  } catch (error) {
    if (!(error instanceof InfernetError) || ERRORS[error.code].retryable) throw error;
    await refusePart(ctx, batch, part, error);
  }
}

async function describeJob(
  { env }: BatchContext,
  { record }: StoredBatch,
  part: number,
  work: PartWork,
): Promise<JobRequest> {
  const { model, input, rows, blob, options } = work;
  return JobRequest.parse({
    ...options,
    model,
    input: { tensors: [{ name: input, datatype: "BYTES", shape: [rows], blob }] },
    verification: options.verification ?? (await chooseVerification(env, model, options.requirements)),
    deadline: options.deadline ?? renderInstant(record.expires_ms),
    metadata: { batch_id: record.id, part: String(part) },
  });
}

async function refusePart(
  ctx: BatchContext,
  { record }: StoredBatch,
  part: StoredPart,
  error: InfernetError,
): Promise<void> {
  const results = new ResultWriter(createBlobStore(ctx.env), record.id);
  for (const line of part.lines) await results.fail(line, error);
  closeBatchPart(ctx, record.id, part.n, await results.close());
}
