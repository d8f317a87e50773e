import type { ExecutionClass } from "@infernet/schemas/execution-class";
import { LIMITS } from "@infernet/schemas/limits";
import type { ModelManifest } from "@infernet/schemas/model";
import { type Lease, rowsIn } from "@infernet/schemas/runner";
import type { Tensor } from "@infernet/schemas/tensor";
import { EngineFailure } from "../engine/engine-failure.ts";
import type { ModelUser } from "./session-pool.ts";

/** What the rows of a lease came to, not sealed and not signed for. */
export interface RowsRun {
  outputs: readonly Tensor[];
  execution_class: ExecutionClass;
  manifest: ModelManifest;
  /** Time in the engine. */
  compute_ms: number;
}

/**
 * The rows of a lease through a model that takes them all together.
 * @param onRunning the shard is in the engine's hands
 */
export function runRows(
  { pool, edgeNow }: { pool: ModelUser; edgeNow(): number },
  lease: Lease,
  inputs: Tensor[],
  signal: AbortSignal,
  onRunning: () => void,
): Promise<RowsRun> {
  return pool.use(lease.model, signal, async (loaded, note) => {
    if (!("session" in loaded))
      throw new EngineFailure("input_mismatch", "the model generates text; the lease says nothing of it");
    const { session, manifest } = loaded;
    onRunning();
    const timeout_ms = timeAllowed(lease, manifest, edgeNow());
    const run = await session.run(inputs, rowsIn(lease.rows), { timeout_ms, signal });
    note(run.compute_ms);
    return { ...run, execution_class: session.execution_class, manifest };
  });
}

/** Many times what the model's manifest expects, for machines are slow; never beyond the job's own deadline. */
function timeAllowed({ rows, deadline_ms }: Lease, manifest: ModelManifest, edgeNow_ms: number): number {
  const expected_ms = (rowsIn(rows) * manifest.row_cost_us) / 1_000;
  const patience_ms = Math.max(LIMITS.engine_run_ms_min, expected_ms * LIMITS.engine_run_slack);
  return Math.max(1, Math.min(patience_ms, deadline_ms - edgeNow_ms, LIMITS.job_deadline_ms_max));
}
