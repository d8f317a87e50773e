import { parseHash, renderHash } from "@infernet/schemas/hash";
import { rootFromPath } from "@infernet/schemas/merkle";
import type { CheckContext } from "./check-context.ts";
import { type CommitmentEvidence, leafCount } from "./list-evidence.ts";

/** Whether the leaves that hold checked rows lie in the trees of their answers. */
export function checkPaths(
  { receipt, trees, findings }: CheckContext,
  evidence: readonly CommitmentEvidence[],
): void {
  const { paths, path_hashes } = receipt.evidence;
  if (paths === null) {
    findings.add("paths_left_out", null, path_hashes);
    return;
  }
  const results = new Map(evidence.map(({ result }) => [result.lease_id, result]));
  for (const { lease_id, leaves } of paths) {
    const result = results.get(lease_id);
    for (const { index, leaf, path } of leaves) {
      const root = result && rootFromPath(parseHash(leaf), index, leafCount(result), path.map(parseHash));
      const leads = root != null && renderHash(root) === trees.get(lease_id);
      findings.add(leads ? "paths_lead" : "path_wrong", leads ? null : `leaf ${index} of ${lease_id}`);
    }
  }
}
