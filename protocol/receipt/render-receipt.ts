import { canonicalBytes, type Sha256 } from "@infernet/schemas/digest";
import { hashSha256, renderHash } from "@infernet/schemas/hash";
import { renderInstant } from "@infernet/schemas/instant";
import { LIMITS } from "@infernet/schemas/limits";
import type { LeafPath, LogEntry, Receipt, ReceiptEvidence } from "@infernet/schemas/receipt";
import { type CommitmentEvidence, countPathHashes, listEvidence } from "./list-evidence.ts";
import type { ReceiptMaterial } from "./receipt-material.ts";
import { renderOutcome } from "./render-outcome.ts";
import { listClosings } from "./replay-log.ts";

/** What a receipt is named by: sha256 of its canonical JSON, without the signature. */
export const receiptDigest = (receipt: Receipt): Sha256 => renderHash(hashSha256(canonicalBytes(receipt)));

/**
 * The receipt of a log's last closing; null when the job is not over. What came after it belongs to the next revision.
 * Throws Error when material is missing.
 */
export function renderReceipt(material: ReceiptMaterial): Receipt | null {
  let receipt: Receipt | null = null;
  for (const end of listClosings(material.log)) {
    const log = material.log.slice(0, end + 1);
    receipt = renderRevision({ ...material, log }, receipt && receiptDigest(receipt));
  }
  return receipt;
}

/** The receipt of a log that ends with a closing. @param supersedes digest of the revision before */
export function renderRevision(material: ReceiptMaterial, supersedes: Sha256 | null): Receipt {
  const { network, job, log } = material;
  const at_ms = log.at(-1)?.at_ms;
  if (at_ms === undefined) throw new Error("an empty log has no receipt");
  return {
    type: "infernet.receipt.v1",
    network,
    revision: listClosings(log).length - 1,
    supersedes,
    issued_at: renderInstant(at_ms),
    job,
    outcome: renderOutcome(job, log),
    epochs: listEpochs(log).map((epoch) => found(material.epochs.get(epoch), `epoch ${epoch}`)),
    log: [...log],
    evidence: renderEvidence(material, listEvidence(job, log)),
  };
}

/** Epochs that the draws of a log were made in, ascending. */
export function listEpochs(log: readonly LogEntry[]): number[] {
  const epochs = new Set<number>();
  for (const { fact } of log)
    if (fact.kind === "committed" || fact.kind === "drawn")
      for (const { epoch } of fact.draws) epochs.add(epoch);
  return [...epochs].sort((a, b) => a - b);
}

function renderEvidence(
  { trees, leaves }: ReceiptMaterial,
  evidence: readonly CommitmentEvidence[],
): ReceiptEvidence {
  const path_hashes = countPathHashes(evidence);
  const pathsOf = ({ result: { lease_id }, leaves: indexes }: CommitmentEvidence): LeafPath[] =>
    indexes.map((index) => found(leaves.get(lease_id)?.get(index), `leaf ${index} of ${lease_id}`));
  return {
    trees: evidence.map(({ result: { lease_id } }) => ({
      lease_id,
      root: found(trees.get(lease_id), `the tree of ${lease_id}`),
    })),
    paths:
      path_hashes > LIMITS.receipt_path_hashes_max
        ? null
        : evidence
            .filter((one) => one.leaves.length > 0)
            .map((one) => ({ lease_id: one.result.lease_id, leaves: pathsOf(one) })),
    path_hashes,
  };
}

function found<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`the receipt's material has no ${name}`);
  return value;
}
