import {
  type CommitmentContext,
  commitmentRoot,
  commitmentStatement,
  leafRowsOf,
  type NetworkId,
  parseSignature,
} from "@infernet/schemas/commitment";
import { type Bytes, sha256 } from "@infernet/schemas/digest";
import { InfernetError } from "@infernet/schemas/errors";
import { publicKeyOf, type RunnerId } from "@infernet/schemas/ids";
import type { ModelManifest } from "@infernet/schemas/model";
import { type Lease, rowsIn, type ShardDone } from "@infernet/schemas/runner";
import type { Tensor } from "@infernet/schemas/tensor";
import { assertOutputs } from "@infernet/schemas/tensor-check";
import { decodeTensors, encodeTensors } from "@infernet/schemas/tensors-binary";

export interface ResultOrigin {
  network: NetworkId;
  runner: RunnerId;
  lease: Lease;
  manifest: ModelManifest;
  /** What is stored under the digest that the result names instead of outputs. */
  blob: Bytes | undefined;
}

/**
 * Holds a result to what every edge asks of it: the model's outputs in the manifest's order, one row for each of the
 * lease, large ones as a blob in canonical form, and a signed commitment to them. Throws `InfernetError`.
 */
export async function checkResult(result: ShardDone, origin: ResultOrigin): Promise<void> {
  const { lease, manifest } = origin;
  const outputs = await readOutputs(result.outputs, origin.blob);
  assertOutputs(outputs, manifest.outputs, rowsIn(lease.rows));
  if (outputs.some(({ name }, i) => name !== manifest.outputs[i]?.name))
    throw new InfernetError("output_invalid", "the outputs are not in the manifest's order");
  if (result.leaf_rows !== leafRowsOf(outputs))
    throw new InfernetError("commitment_leaves", `${result.leaf_rows} rows in a leaf`);
  const context = contextOf(result, origin);
  if (result.root !== commitmentRoot(context, outputs))
    throw new InfernetError("commitment_mismatch", "the root is another");
  const key = await crypto.subtle.importKey("raw", publicKeyOf(origin.runner), "Ed25519", false, ["verify"]);
  const statement = commitmentStatement(context, result.root);
  if (!(await crypto.subtle.verify("Ed25519", key, parseSignature(result.signature), statement)))
    throw new InfernetError("commitment_signature", "the signature does not verify");
}

function contextOf(result: ShardDone, { network, runner, lease }: ResultOrigin): CommitmentContext {
  return {
    network,
    job_id: lease.job_id,
    shard: lease.shard,
    lease_id: lease.id,
    runner,
    model: lease.model,
    execution_class: result.execution_class,
    rows: rowsIn(lease.rows),
    leaf_rows: result.leaf_rows,
  };
}

async function readOutputs(outputs: ShardDone["outputs"], blob: Bytes | undefined): Promise<Tensor[]> {
  if (typeof outputs !== "string") return outputs;
  if (blob === undefined) throw new InfernetError("output_invalid", `blob ${outputs} was not uploaded`);
  const tensors = decodeTensors(blob);
  if ((await sha256(encodeTensors(tensors))) === outputs) return tensors;
  throw new InfernetError("output_invalid", "the blob is not in canonical form");
}
