import type { NetworkId } from "@infernet/schemas/commitment";
import type { Sha256 } from "@infernet/schemas/digest";
import type { LeaseId } from "@infernet/schemas/ids";
import type { LeafPath, LogEntry, Receipt, ReceiptEpoch, ReceiptJob } from "@infernet/schemas/receipt";

/** What a receipt is made from. The same material always gives the same bytes. */
export interface ReceiptMaterial {
  network: NetworkId;
  job: ReceiptJob;
  /** The whole log, beyond its last closing too. */
  log: readonly LogEntry[];
  epochs: ReadonlyMap<number, ReceiptEpoch>;
  /** The root of the tree under each commitment. */
  trees: ReadonlyMap<LeaseId, Sha256>;
  /** Leaves of these trees, by their index; all that `listEvidence` names, unless there are too many for a receipt. */
  leaves: ReadonlyMap<LeaseId, ReadonlyMap<number, LeafPath>>;
}

/** The material of a receipt as it was issued. */
export function materialOf({ network, job, log, epochs, evidence }: Receipt): ReceiptMaterial {
  return {
    network,
    job,
    log,
    epochs: new Map(epochs.map((epoch) => [epoch.epoch, epoch])),
    trees: new Map(evidence.trees.map(({ lease_id, root }) => [lease_id, root])),
    leaves: new Map(
      evidence.paths?.map(({ lease_id, leaves }) => [
        lease_id,
        new Map(leaves.map((leaf) => [leaf.index, leaf])),
      ]),
    ),
  };
}
