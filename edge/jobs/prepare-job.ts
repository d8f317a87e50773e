import type { NewJob } from "@infernet/db/aggregator/jobs";
import { type Bytes, sha256 } from "@infernet/schemas/digest";
import { InfernetError } from "@infernet/schemas/errors";
import { formatJobId, type Partition } from "@infernet/schemas/ids";
import type { JobRequest } from "@infernet/schemas/job";
import type { StoredInput } from "@infernet/schemas/job-record";
import { LIMITS } from "@infernet/schemas/limits";
import { byteCount, type Tensor, type TensorBlob } from "@infernet/schemas/tensor";
import { encodeTensors } from "@infernet/schemas/tensors-binary";
import { uuidv7 } from "uuidv7";
import { createBlobStore } from "../blobs/create-blob-store.ts";
import { storeBlob } from "../blobs/store-blob.ts";
import type { AuthorizedAccount } from "../http/app-env.ts";
import { loadNetworkKey } from "../network/network-key.ts";
import { assertWebhookTarget } from "../webhooks/assert-webhook-target.ts";
import { planJob } from "./plan-job.ts";

export interface Submitter {
  account: AuthorizedAccount;
  /** Where the client reaches this edge. */
  origin: string;
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
  if (request.webhook !== undefined) {
    assertWebhookTarget(request.webhook.url, env);
    assertEnabled(request.webhook.url, by.account);
  }
  // Without the network's key nothing can be drawn or signed: better no job than one that never ends.
  await loadNetworkKey(env);
  const plan = await planJob(env, request, now_ms);
  const stored = await storeInputs(env, plan.inputs);
  const { manifest, digest, names } = plan.model;
  const record: NewJob["record"] = {
    id: formatJobId(partition, uuidv7()),
    account_id: by.account.id,
    origin: by.origin,
    created_ms: now_ms,
    deadline_ms: plan.deadline_ms,
    model: { digest, name: names.find((name) => name === request.model) ?? null },
    engine: manifest.engine,
    memory_bytes: manifest.memory_bytes,
    outputs: manifest.outputs,
    inputs: stored.inputs,
    rows: plan.rows,
    shard_rows: plan.shard_rows,
    shards: plan.shards,
    row_cost_us: manifest.row_cost_us,
    merge: request.merge,
    verification: request.verification,
    plan: plan.verification,
    requirements: request.requirements,
    offer: request.offer ?? null,
    price: plan.price,
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
  for (const [index, input] of inputs.entries()) {
    const { name, datatype, shape } = input;
    if ("blob" in input) {
      await assertStored(env, input, index);
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

async function assertStored(env: Env, input: TensorBlob, index: number): Promise<void> {
  const found = await createBlobStore(env).head(input.blob);
  const pointer = `/input/tensors/${index}/blob`;
  if (found === null) {
    const detail = `there is no blob ${input.blob}`;
    throw new InfernetError("input_blob_missing", detail, { errors: [{ pointer, detail }] });
  }
  if (input.datatype === "BYTES") return;
  const bytes = byteCount(input.datatype, input.shape);
  if (found.bytes === bytes) return;
  const detail = `${input.datatype}[${input.shape}] is ${bytes} bytes, the blob has ${found.bytes}`;
  throw new InfernetError("input_mismatch", detail, { errors: [{ pointer, detail }] });
}
