import {
  type CommitmentContext,
  commitmentRoot,
  commitmentStatement,
  leafRowsOf,
  type NetworkId,
} from "@infernet/schemas/commitment";
import { isSignedByRunner } from "@infernet/schemas/ed25519";
import { InfernetError } from "@infernet/schemas/errors";
import type { RunnerId } from "@infernet/schemas/ids";
import type { JobRecord } from "@infernet/schemas/job-record";
import type { ShardDone } from "@infernet/schemas/runner";
import type { Tensor } from "@infernet/schemas/tensor";

interface Committed {
  network: NetworkId;
  record: Pick<JobRecord, "model">;
  runner: RunnerId;
  result: ShardDone;
  /** In the manifest's order. */
  outputs: readonly Tensor[];
  rows: number;
}

/**
 * Holds a commitment against what came with it. Throws commitment_leaves, commitment_signature (also for one that was
 * made for another network, job, shard or lease) and commitment_mismatch.
 */
export async function assertCommitment(committed: Committed): Promise<void> {
  const { network, record, runner, result, outputs, rows } = committed;
  const { job_id, shard, lease_id, execution_class, leaf_rows, root } = result;
  const expected = leafRowsOf(outputs);
  if (leaf_rows !== expected)
    throw new InfernetError(
      "commitment_leaves",
      `leaves of ${leaf_rows} rows; for these outputs they have ${expected}`,
    );
  const model = record.model.digest;
  const context: CommitmentContext = {
    network,
    job_id,
    shard,
    lease_id,
    runner,
    model,
    execution_class,
    rows,
    leaf_rows,
  };
  if (!(await isSignedByRunner(runner, commitmentStatement(context, root), result.signature)))
    throw new InfernetError(
      "commitment_signature",
      `it is not ${runner}'s signature over root ${root} for ${rows} rows of shard ${shard}, ${lease_id}, of ${job_id} in ${network}`,
    );
  const actual = commitmentRoot(context, outputs);
  if (actual !== root)
    throw new InfernetError("commitment_mismatch", `the rows have the root ${actual}, not ${root}`);
}
