import { hashRows } from "@infernet/schemas/commitment";
import type { Sha256 } from "@infernet/schemas/digest";
import { renderHash } from "@infernet/schemas/hash";
import type { LeaseId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { merkleTree, pathIn } from "@infernet/schemas/merkle";
import type { LeafPath, LogEntry, ReceiptJob } from "@infernet/schemas/receipt";
import type { Tensor } from "@infernet/schemas/tensor";
import { type CommitmentEvidence, countPathHashes, listEvidence } from "./list-evidence.ts";
import type { ReceiptMaterial } from "./receipt-material.ts";
import { listClosings } from "./replay-log.ts";

/** The outputs of a commitment, in the manifest's order. */
type ReadOutput = (commitment: CommitmentEvidence) => Promise<Tensor[]>;

/**
 * Reads from the outputs what receipts of a log show of them. One output at a time is in memory, and none of a leaf's
 * paths when not even the first receipt has room for all of its own.
 */
export async function readEvidence(
  job: ReceiptJob,
  log: readonly LogEntry[],
  readOutput: ReadOutput,
): Promise<Pick<ReceiptMaterial, "trees" | "leaves">> {
  const trees = new Map<LeaseId, Sha256>();
  const leaves = new Map<LeaseId, Map<number, LeafPath>>();
  const shown = listShown(job, log);
  for (const commitment of listEvidence(job, log)) {
    const { lease_id, leaf_rows } = commitment.result;
    const tree = merkleTree(hashRows(await readOutput(commitment), leaf_rows));
    const [root] = tree.at(-1) ?? [];
    if (root === undefined) throw new Error(`the output of ${lease_id} has no rows`);
    trees.set(lease_id, renderHash(root));
    const paths = (shown.get(lease_id) ?? []).map((index) => showLeaf(tree, index));
    leaves.set(lease_id, new Map(paths.map((leaf) => [leaf.index, leaf])));
  }
  return { trees, leaves };
}

/** The leaves that the last receipt with room for its paths shows; those before it show fewer. */
function listShown(job: ReceiptJob, log: readonly LogEntry[]): Map<LeaseId, number[]> {
  for (const end of listClosings(log).reverse()) {
    const evidence = listEvidence(job, log.slice(0, end + 1));
    if (countPathHashes(evidence) <= LIMITS.receipt_path_hashes_max)
      return new Map(evidence.map(({ result, leaves }) => [result.lease_id, leaves]));
  }
  return new Map();
}

function showLeaf(tree: readonly (readonly Uint8Array[])[], index: number): LeafPath {
  const leaf = tree[0]?.[index];
  if (leaf === undefined) throw new Error(`there is no leaf ${index}`);
  return { index, leaf: renderHash(leaf), path: pathIn(tree, index).map(renderHash) };
}
