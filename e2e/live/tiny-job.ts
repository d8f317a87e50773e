import { createOnnxModel, TINY_SHAPE } from "../fixtures/onnx-model.ts";
import type { ApiClient, JobInput } from "../network/api-client.ts";
import { uploadModel } from "../network/upload-model.ts";

const COLUMNS = TINY_SHAPE.features;

export const uploadTinyModel = (client: ApiClient) =>
  uploadModel(client, createOnnxModel("tiny", TINY_SHAPE));

/** Rows of the tiny model's input, all different. */
export function tinyTensor(rows: number) {
  const data = Array.from({ length: rows * COLUMNS }, (_, i) => Math.fround(Math.sin(i)));
  return { name: "x", datatype: "FP32" as const, shape: [rows, COLUMNS], data };
}

/** A job on the tiny model: one shard and one answer is enough, unless told otherwise. */
export function tinyJob(rows: number, options: Partial<JobInput> = {}): JobInput {
  return {
    model: "tiny",
    input: { tensors: [tinyTensor(rows)] },
    verification: { mode: "none" },
    shard_rows: rows,
    ...options,
  };
}
