import { readPayload } from "@infernet/db/aggregator/facts";
import type { Answer } from "@infernet/protocol/job-progress";
import { decodeBinary } from "@infernet/schemas/binary";
import type { Bytes } from "@infernet/schemas/digest";
import { ShardIndex } from "@infernet/schemas/ids";
import type { Tensor } from "@infernet/schemas/tensor";
import { decodeTensors } from "@infernet/schemas/tensors-binary";
import { z } from "zod";
import { createBlobStore } from "../blobs/create-blob-store.ts";
import { readBlob } from "../blobs/read-blob.ts";
import type { AggregatorContext } from "./context.ts";
import type { OpenJob } from "./open-job.ts";

/** What lies beside a submission: pairs of a shard and the output tensors for it, in binary form. */
const Payload = z.array(z.tuple([ShardIndex, z.instanceof(Uint8Array<ArrayBuffer>)]));

/** The output tensors of an answer to a shard, or of a check of one: as many rows as it has. */
export type OutputReader = (
  shard: number,
  answer: Pick<Answer, "blob" | "output_sha256" | "seq">,
) => Promise<Tensor[]>;

/** Reads outputs from beside their facts or from the blob store. Each fact's bytes are read once, whatever they hold. */
export function createOutputReader(ctx: AggregatorContext, job: OpenJob): OutputReader {
  const beside = new Map<number, Map<number, Bytes>>();
  return async (shard, { blob, output_sha256, seq }) => {
    if (blob) return decodeTensors(await readBlob(createBlobStore(ctx.env), output_sha256));
    const outputs = beside.get(seq) ?? readOutputsBeside(ctx, job, seq);
    beside.set(seq, outputs);
    const bytes = outputs.get(shard);
    if (bytes === undefined) throw new Error(`job ${job.record.id} has lost the output of shard ${shard}`);
    return decodeTensors(bytes);
  };
}

function readOutputsBeside(ctx: AggregatorContext, job: OpenJob, seq: number): Map<number, Bytes> {
  const payload = readPayload(ctx.db, job.record.id, seq);
  return new Map(payload === null ? [] : Payload.parse(decodeBinary(payload)));
}
