import { sha256 } from "@infernet/schemas/digest";
import { LIMITS } from "@infernet/schemas/limits";
import type { Lease, ShardDone } from "@infernet/schemas/runner";
import type { Tensor } from "@infernet/schemas/tensor";
import { encodeTensors } from "@infernet/schemas/tensors-binary";
import type { BlobCache } from "../cache/blob-cache.ts";
import type { Unseal } from "../sealing/unseal.ts";
import type { EdgeClient } from "../transport/edge-client.ts";
import type { Commitment } from "./commit-shard.ts";
import { type GenerateRowsOptions, generateRows } from "./generate-rows.ts";
import { loadLeaseInputs } from "./lease-inputs.ts";
import { runRows } from "./run-rows.ts";
import type { TokenTally } from "./token-tally.ts";

export interface ShardWorkOptions extends Omit<GenerateRowsOptions, "onRunning"> {
  client: Pick<EdgeClient, "putBlob">;
  cache: BlobCache;
  /** Opens sealed rows, and seals what they come to. */
  unseal: Unseal;
  /** Signs for what the lease's rows came to. */
  commit(lease: Lease, execution_class: ShardDone["execution_class"], outputs: readonly Tensor[]): Commitment;
  /** The shard is in the engine's hands; of a model that generates text, which takes so many completions at once, each row. */
  onRunning(at_once_max: number | null): void;
}

export interface ComputedShard {
  done: ShardDone;
  /** Of a model that generates text. */
  tokens: TokenTally | null;
}

/**
 * Computes the rows of one lease: input from the cache, rows through the model, sealed again where they came sealed, a commitment to what they came to, a large
 * output to the edge as a blob. Commitment and upload are made when the engine has gone on to other shards. Rejects with
 * the signal's reason when the lease ends.
 */
export async function computeShard(
  options: ShardWorkOptions,
  lease: Lease,
  signal: AbortSignal,
): Promise<ComputedShard> {
  const { client, cache, unseal, commit, onRunning } = options;
  const { inputs, seal } = await unseal(lease, await loadLeaseInputs(lease, cache, signal));
  const { generation } = lease;
  const run =
    generation === undefined
      ? { ...(await runRows(options, lease, inputs, signal, () => onRunning(null))), tokens: null }
      : await generateRows({ ...lease, generation }, inputs, signal, options);
  const { execution_class, compute_ms, tokens } = run;
  const { id: lease_id, job_id, shard } = lease;
  const handedIn = await seal(run.outputs, run.manifest);
  const commitment = commit(lease, execution_class, handedIn);
  const outputs = await publish(client, handedIn, signal);
  const made = { execution_class, compute_ms, outputs, ...commitment };
  return { done: { lease_id, job_id, shard, outcome: "done", ...made }, tokens };
}

async function publish(
  client: Pick<EdgeClient, "putBlob">,
  outputs: readonly Tensor[],
  signal: AbortSignal,
): Promise<ShardDone["outputs"]> {
  const bytes = outputs.reduce((sum, { data }) => sum + data.byteLength, 0);
  if (bytes <= LIMITS.inline_output_bytes_max) return [...outputs];
  const blob = encodeTensors(outputs);
  const digest = await sha256(blob);
  await client.putBlob(digest, blob, signal);
  return digest;
}
