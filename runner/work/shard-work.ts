import { sha256 } from "@infernet/schemas/digest";
import { LIMITS } from "@infernet/schemas/limits";
import type { ModelManifest } from "@infernet/schemas/model";
import { type Lease, rowsIn, type ShardDone } from "@infernet/schemas/runner";
import type { Tensor } from "@infernet/schemas/tensor";
import { encodeTensors } from "@infernet/schemas/tensors-binary";
import type { BlobCache } from "../cache/blob-cache.ts";
import type { Unseal } from "../sealing/unseal.ts";
import type { EdgeClient } from "../transport/edge-client.ts";
import type { Commitment } from "./commit-shard.ts";
import { loadLeaseInputs } from "./lease-inputs.ts";
import type { SessionPool } from "./session-pool.ts";

export interface ShardWorkOptions {
  client: Pick<EdgeClient, "putBlob">;
  cache: BlobCache;
  pool: SessionPool;
  /** The edge's clock: Unix time in milliseconds. */
  edgeNow(): number;
  /** Opens sealed rows, and seals what they come to. */
  unseal: Unseal;
  /** Signs for what the lease's rows came to. */
  commit(lease: Lease, execution_class: ShardDone["execution_class"], outputs: readonly Tensor[]): Commitment;
}

/**
 * Computes the rows of one lease: input from the cache, rows through the model, sealed again where they came sealed, a commitment to what they came to, a large
 * output to the edge as a blob. Commitment and upload are made when the engine has gone on to other shards. Rejects with
 * the signal's reason when the lease ends.
 * @param onRunning the shard is in the engine's hands
 */
export async function computeShard(
  { client, cache, pool, edgeNow, unseal, commit }: ShardWorkOptions,
  lease: Lease,
  signal: AbortSignal,
  onRunning: () => void,
): Promise<ShardDone> {
  const { inputs, seal } = await unseal(lease, await loadLeaseInputs(lease, cache, signal));
  const { execution_class, manifest, run } = await pool.use(
    lease.model,
    signal,
    async ({ session, manifest }) => {
      onRunning();
      const timeout_ms = timeAllowed(lease, manifest, edgeNow());
      const run = await session.run(inputs, rowsIn(lease.rows), { timeout_ms, signal });
      return { execution_class: session.execution_class, manifest, run };
    },
  );
  const { id: lease_id, job_id, shard } = lease;
  const handedIn = await seal(run.outputs, manifest);
  const commitment = commit(lease, execution_class, handedIn);
  const outputs = await publish(client, handedIn, signal);
  const { compute_ms } = run;
  return { lease_id, job_id, shard, outcome: "done", execution_class, compute_ms, outputs, ...commitment };
}

/** Many times what the model's manifest expects, for machines are slow; never beyond the job's own deadline. */
function timeAllowed({ rows, deadline_ms }: Lease, manifest: ModelManifest, edgeNow_ms: number): number {
  const expected_ms = (rowsIn(rows) * manifest.row_cost_us) / 1_000;
  const patience_ms = Math.max(LIMITS.engine_run_ms_min, expected_ms * LIMITS.engine_run_slack);
  return Math.max(1, Math.min(patience_ms, deadline_ms - edgeNow_ms, LIMITS.job_deadline_ms_max));
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
