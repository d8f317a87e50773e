import type { NewJob } from "@infernet/db/aggregator/jobs";
import { type Bytes, sha256 } from "@infernet/schemas/digest";
import { InfernetError } from "@infernet/schemas/errors";
import { formatJobId, type JobId, type Partition } from "@infernet/schemas/ids";
import type { JobRequest } from "@infernet/schemas/job";
import type { StoredInput } from "@infernet/schemas/job-record";
import { LIMITS } from "@infernet/schemas/limits";
import type { MicroAmount } from "@infernet/schemas/money";
import { sealedForm } from "@infernet/schemas/sealing/sealed-form";
import type { Tensor, TensorBlob } from "@infernet/schemas/tensor";
import { encodeTensors } from "@infernet/schemas/tensors-binary";
import { uuidv7 } from "uuidv7";
import { createBlobStore } from "../blobs/create-blob-store.ts";
import { storeBlob } from "../blobs/store-blob.ts";
import type { AuthorizedAccount } from "../http/app-env.ts";
import { checkJob } from "./check-job.ts";

export interface Submitter {
  account: AuthorizedAccount;
  /** Where the client reaches this edge. */
  origin: string;
  /** Where the job was paid for beforehand. */
  purchase?: Purchase;
}

interface Purchase {
  /** What was quoted for the job, and holds whatever it would cost by now. */
  quoted_micro: MicroAmount;
  /** The job that funds are set aside for already, by a request that died; null when there is none. */
  job_id: JobId | null;
}

interface Placement {
  partition: Partition;
  idempotency: NewJob["idempotency"];
  now_ms: number;
}

/** Turns a request into a job that only has to be stored: planned, its blobs present, its webhook allowed. */
export async function prepareJob(
  env: Env,
  request: JobRequest,
  by: Submitter,
  { partition, idempotency, now_ms }: Placement,
): Promise<NewJob> {
  if (request.webhook !== undefined) assertEnabled(request.webhook.url, by.account);
  const plan = await checkJob(env, request, now_ms);
  const stored = await storeInputs(env, plan.inputs);
  const { manifest, digest, names } = plan.model;
  const record: NewJob["record"] = {
    id: by.purchase?.job_id ?? formatJobId(partition, uuidv7()),
    account_id: by.account.id,
    origin: by.origin,
    created_ms: now_ms,
    deadline_ms: plan.deadline_ms,
    model: { digest, name: names.find((name) => name === request.model) ?? null },
    engine: manifest.engine,
    ...(manifest.openai === undefined ? {} : { format: manifest.openai.model }),
    memory_bytes: manifest.memory_bytes,
    outputs: plan.sealing === null ? manifest.outputs : manifest.outputs.map(sealedForm),
    inputs: stored.inputs,
    rows: plan.rows,
    shard_rows: plan.shard_rows,
    shards: plan.shards,
    row_cost_us: plan.row_cost_us,
    merge: request.merge,
    verification: request.verification,
    plan: plan.verification,
    requirements: plan.requirements,
    ...(request.share_inputs === true ? { share_inputs: true as const } : {}),
    ...(plan.sealing === null ? {} : { sealing: { ...plan.sealing, outputs: manifest.outputs } }),
    ...(plan.generation === null ? {} : { generation: plan.generation }),
    offer: request.offer ?? null,
    price: by.purchase ? { ...plan.price, quoted_micro: by.purchase.quoted_micro } : plan.price,
    micro_per_core_hour: plan.micro_per_core_hour,
    webhook: request.webhook ?? null,
    metadata: request.metadata,
  };
  return { record, input: stored.inline, idempotency };
}

function assertEnabled(url: string, account: AuthorizedAccount): void {
  if (!account.disabled_webhooks.includes(url)) return;
  throw new InfernetError("webhook_disabled", `${url} answered 410 Gone to an earlier webhook`);
}

/** Small inline inputs stay beside the job; large ones become blobs, like those the client uploaded itself. */
async function storeInputs(
  env: Env,
  inputs: readonly (Tensor | TensorBlob)[],
): Promise<{ inputs: StoredInput[]; inline: Bytes | null }> {
  const store = createBlobStore(env);
  const inline = inputs.filter((input) => "data" in input);
  const inline_bytes = inline.reduce((sum, input) => sum + input.data.byteLength, 0);
  const fits = inline_bytes <= LIMITS.inline_input_bytes_max;
  const stored: StoredInput[] = [];
  for (const input of inputs) {
    const { name, datatype, shape } = input;
    if ("blob" in input) {
      stored.push(input);
    } else if (fits) {
      stored.push({ name, datatype, shape });
    } else {
      const blob = await sha256(input.data);
      await storeBlob(store, blob, input.data);
      stored.push({ name, datatype, shape, blob });
    }
  }
  return { inputs: stored, inline: fits && inline.length > 0 ? encodeTensors(inline) : null };
}
