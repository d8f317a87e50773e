import { bindRoot, type CommitmentContext, commitmentStatement } from "@infernet/schemas/commitment";
import { isSignedByRunner } from "@infernet/schemas/ed25519";
import { parseHash } from "@infernet/schemas/hash";
import type { CheckContext } from "./check-context.ts";
import type { CommitmentEvidence } from "./list-evidence.ts";

/** Whether every commitment is its runner's, and bound to what the log says that it is for. */
export async function checkCommitments(
  context: CheckContext,
  evidence: readonly CommitmentEvidence[],
): Promise<void> {
  await Promise.all(evidence.map((one) => checkCommitment(context, one)));
}

async function checkCommitment(
  { receipt, trees, findings }: CheckContext,
  { runner, result }: CommitmentEvidence,
): Promise<void> {
  const { network, job } = receipt;
  const { shard, lease_id, execution_class, rows, leaf_rows, root, signature } = result;
  const bound: CommitmentContext = {
    network,
    job_id: job.id,
    shard,
    lease_id,
    runner,
    model: job.model,
    execution_class,
    rows,
    leaf_rows,
  };
  const place = `shard ${shard}, ${lease_id} of ${runner}`;
  const tree = trees.get(lease_id);
  const isBound = tree !== undefined && bindRoot(bound, parseHash(tree)) === root;
  const isSigned = await isSignedByRunner(runner, commitmentStatement(bound, root), signature);
  if (!isBound) findings.add("commitment_unbound", place);
  if (!isSigned) findings.add("commitment_unsigned", place);
  if (isBound && isSigned) findings.add("commitments_hold");
}
