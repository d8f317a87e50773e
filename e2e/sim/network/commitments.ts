import { hash } from "node:crypto";
import { shardAt } from "@infernet/protocol/job-progress";
import { type CommitmentContext, commitmentRoot, NetworkId } from "@infernet/schemas/commitment";
import { Sha256 } from "@infernet/schemas/digest";
import type { LeaseId, RunnerId } from "@infernet/schemas/ids";
import type { Tensor } from "@infernet/schemas/tensor";
import type { Machine, Work } from "../fleet/machine.ts";
import type { Said } from "../said.ts";
import type { SimJob } from "./sim-job.ts";

/** The root of an answer: 32 bytes that follow from the answer and, by its lease, from its maker. */
export const rootOf = (lease: LeaseId, { lie, drift }: Said): Sha256 =>
  hash("sha256", `${lease} ${lie?.id ?? "right"} ${drift}`, "hex") as Sha256;

const NETWORK = NetworkId.parse(`net_${"A".repeat(43)}`);
const MODEL = Sha256.parse("0".repeat(64));

/**
 * Whether a commitment taken from somebody else passes for one's own, by the functions that the runner and the edge make
 * and check commitments with. The thief has even got hold of the right outputs.
 */
export function isOwnCommitment(job: SimJob, thief: Machine, work: Work): boolean {
  const victim = shardAt(job.progress.shards, work.task.shard).answer;
  const outputs: Tensor[] = [
    { name: "y", datatype: "INT8", shape: [work.rows, 1], data: new Uint8Array(work.rows) },
  ];
  const stolen = commitmentRoot(
    contextOf(job, work, victim?.runner ?? THIRD_PARTY, victim?.lease_id ?? work.lease),
    outputs,
  );
  return stolen === commitmentRoot(contextOf(job, work, thief.id, work.lease), outputs);
}

const THIRD_PARTY = `run_${"a".repeat(52)}` as RunnerId;

const contextOf = (job: SimJob, work: Work, runner: RunnerId, lease_id: LeaseId): CommitmentContext => ({
  network: NETWORK,
  job_id: job.plan.job_id,
  shard: work.task.shard,
  lease_id,
  runner,
  model: MODEL,
  execution_class: "onnx/1.30.0/cpu/fp32",
  rows: work.rows,
  leaf_rows: work.rows,
});
