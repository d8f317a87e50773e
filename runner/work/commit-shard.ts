import {
  type CommitmentContext,
  commitmentRoot,
  commitmentStatement,
  leafRowsOf,
  type NetworkId,
  renderSignature,
} from "@infernet/schemas/commitment";
import { type Lease, rowsIn, type ShardDone } from "@infernet/schemas/runner";
import type { Tensor } from "@infernet/schemas/tensor";
import type { Identity } from "../identity/identity.ts";
import { hashNative } from "./native-hash.ts";

/** In whose name commitments are made. */
export interface Committer {
  /** The network that they are for, as it said when this runner registered. */
  network: NetworkId;
  identity: Identity;
}

export type Commitment = Pick<ShardDone, "root" | "leaf_rows" | "signature">;

/**
 * The signed commitment to what a lease's rows came to.
 *
 * @param outputs in the manifest's order, one row for each of the lease
 */
export function commitShard(
  { network, identity }: Committer,
  lease: Pick<Lease, "id" | "job_id" | "shard" | "model" | "rows">,
  execution_class: ShardDone["execution_class"],
  outputs: readonly Tensor[],
): Commitment {
  const leaf_rows = leafRowsOf(outputs);
  const context: CommitmentContext = {
    network,
    job_id: lease.job_id,
    shard: lease.shard,
    lease_id: lease.id,
    runner: identity.id,
    model: lease.model,
    execution_class,
    rows: rowsIn(lease.rows),
    leaf_rows,
  };
  const root = commitmentRoot(context, outputs, hashNative);
  const statement = commitmentStatement(context, root, hashNative);
  return { root, leaf_rows, signature: renderSignature(identity.sign(statement)) };
}
