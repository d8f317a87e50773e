import { listFacts } from "@infernet/db/aggregator/facts";
import { readEvidence } from "@infernet/protocol/receipt/read-evidence";
import type { ReceiptMaterial } from "@infernet/protocol/receipt/receipt-material";
import { listEpochs, renderReceipt } from "@infernet/protocol/receipt/render-receipt";
import { listClosings } from "@infernet/protocol/receipt/replay-log";
import { sha256 } from "@infernet/schemas/digest";
import { InfernetError } from "@infernet/schemas/errors";
import type { JobRecord } from "@infernet/schemas/job-record";
import type { ReceiptEpoch, ReceiptJob, SignedReceipt } from "@infernet/schemas/receipt";
import { signReceipt } from "@infernet/schemas/receipt-signature";
import type { AggregatorContext } from "../aggregator/context.ts";
import { inlineInputs, type OpenJob } from "../aggregator/open-job.ts";
import { createOutputReader, type OutputReader } from "../aggregator/shard-output.ts";
import { announceEpoch } from "../epochs/epochs.ts";
import { loadNetworkKey } from "../network/network-key.ts";
import { toLogEntry } from "./to-log-entry.ts";

/**
 * The receipt of a job that has ended, from its log and outputs: nothing is stored for it, and rendered again it is the
 * same to the byte. While a recall is going on it is the one from before. Throws job_not_finished.
 */
export async function renderJobReceipt(ctx: AggregatorContext, job: OpenJob): Promise<SignedReceipt> {
  const { id } = job.record;
  const log = listFacts(ctx.db, id).map(toLogEntry);
  if (listClosings(log).length === 0)
    throw new InfernetError(
      "job_not_finished",
      `${id} is ${job.progress.state}: its receipt comes with its end`,
    );
  const key = await loadNetworkKey(ctx.env);
  const described = await describeJob(ctx, job);
  const material: ReceiptMaterial = {
    network: key.id,
    job: described,
    log,
    epochs: new Map(
      await Promise.all(listEpochs(log).map(async (n) => [n, await announce(ctx, n)] as const)),
    ),
    ...(await readEvidence(described, log, outputsOf(ctx, job))),
  };
  const receipt = renderReceipt(material);
  if (receipt === null) throw new Error(`${id} has ended and has no receipt`);
  return signReceipt(receipt, key.privateKey);
}

async function describeJob(ctx: AggregatorContext, job: OpenJob): Promise<ReceiptJob> {
  const { record } = job;
  return {
    ...describeEncryption(record),
    id: record.id,
    created_ms: record.created_ms,
    deadline_ms: record.deadline_ms,
    model: record.model.digest,
    outputs: record.outputs,
    inputs: await digestInputs(ctx, job),
    rows: record.rows,
    shard_rows: record.shard_rows,
    shards: record.shards,
    merge: record.merge,
    verification: record.verification,
    plan: record.plan,
    price: record.price,
  };
}

function describeEncryption({ sealing }: JobRecord): Pick<ReceiptJob, "encryption"> {
  if (sealing === undefined) return {};
  const { outputs: _, ...encryption } = sealing;
  return { encryption };
}

/** A blob is named by its digest already; inline tensors are hashed. */
async function digestInputs(ctx: AggregatorContext, job: OpenJob): Promise<ReceiptJob["inputs"]> {
  const inputs: ReceiptJob["inputs"] = [];
  for (const input of job.record.inputs) {
    const { name, datatype, shape } = input;
    inputs.push({
      name,
      datatype,
      shape,
      sha256: "blob" in input ? input.blob : await digestInline(ctx, job, name),
    });
  }
  return inputs;
}

async function digestInline(ctx: AggregatorContext, job: OpenJob, name: string) {
  const tensor = inlineInputs(ctx.db, job).find((one) => one.name === name);
  if (tensor === undefined) throw new Error(`${job.record.id} has lost its input '${name}'`);
  return sha256(tensor.data);
}

/** What is known of an epoch at any time, without its seed. */
async function announce(ctx: AggregatorContext, n: number): Promise<ReceiptEpoch> {
  const { epoch, starts_ms, ends_ms, seed_sha256, signature } = await announceEpoch(ctx.env, n, 0);
  return { epoch, starts_ms, ends_ms, seed_sha256, signature };
}

/** Reads outputs in the order of the log, with one fact's bytes in memory. */
function outputsOf(ctx: AggregatorContext, job: OpenJob): Parameters<typeof readEvidence>[2] {
  let read: OutputReader = createOutputReader(ctx, job);
  let last: number | null = null;
  return ({ result, seq }) => {
    if (seq !== last) read = createOutputReader(ctx, job);
    last = seq;
    return read(result.shard, { ...result, seq });
  };
}
