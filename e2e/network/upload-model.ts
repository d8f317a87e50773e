import type { Bytes } from "@infernet/schemas/digest";
import type { Model, ModelManifest } from "@infernet/schemas/model";
import type { ApiClient } from "./api-client.ts";

/** An ONNX file and what the network must know about it. */
export interface ModelSource {
  name: string;
  bytes: Bytes;
  inputs: ModelManifest["inputs"];
  outputs: ModelManifest["outputs"];
  /** Time of a row on one core, in microseconds. */
  row_cost_us: number;
}

/** Uploads the model's file and registers the model under its name. */
export async function uploadModel(client: ApiClient, source: ModelSource): Promise<Model> {
  const sha256 = await client.putBlob(source.bytes);
  const file = { path: "model.onnx", sha256, bytes: source.bytes.length };
  return client.registerModel({
    name: source.name,
    manifest: {
      engine: "onnx",
      entry: file.path,
      files: [file],
      inputs: source.inputs,
      outputs: source.outputs,
      row_cost_us: source.row_cost_us,
    },
  });
}
