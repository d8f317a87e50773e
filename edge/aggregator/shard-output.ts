import { readPayload } from "@infernet/db/aggregator/facts";
import type { Commitment } from "@infernet/protocol/job-progress";
import { decodeBinary } from "@infernet/schemas/binary";
import { Sha256 } from "@infernet/schemas/digest";
import { ShardIndex } from "@infernet/schemas/ids";
import type { Tensor } from "@infernet/schemas/tensor";
import { decodeTensors } from "@infernet/schemas/tensors-binary";
import { z } from "zod";
import { createBlobStore } from "../blobs/create-blob-store.ts";
import { readBlob } from "../blobs/read-blob.ts";
import type { AggregatorContext } from "./context.ts";
import type { OpenJob } from "./open-job.ts";

/** What lies beside a commitment: pairs of a shard and its output tensors in binary form. */
const Payload = z.array(z.tuple([ShardIndex, z.instanceof(Uint8Array<ArrayBuffer>)]));

/** Outputs beside one fact, by shard. */
export function readOutputsBeside(
  ctx: AggregatorContext,
  job: OpenJob,
  seq: number,
): Map<number, Uint8Array<ArrayBuffer>> {
  const payload = readPayload(ctx.db, job.record.id, seq);
  return new Map(payload === null ? [] : Payload.parse(decodeBinary(payload)));
}

/** The output tensors of one commitment, from beside its fact or from the blob store. */
export async function readShardOutput(
  ctx: AggregatorContext,
  job: OpenJob,
  shard: number,
  commitment: Commitment,
): Promise<Tensor[]> {
  if (commitment.blob) {
    return decodeTensors(await readBlob(createBlobStore(ctx.env), Sha256.parse(commitment.output_sha256)));
  }
  const bytes = readOutputsBeside(ctx, job, commitment.seq).get(shard);
  if (bytes === undefined) throw new Error(`job ${job.record.id} has lost the output of shard ${shard}`);
  return decodeTensors(bytes);
}
