import { Sha256 } from "@infernet/schemas/digest";
import { ModelManifest } from "@infernet/schemas/model";
import type { TensorSpec } from "@infernet/schemas/tensor";

/** A manifest of one file, for engines that are handed it in a folder: nobody looks at its digest. */
export const onnxManifest = (
  entry: string,
  inputs: readonly TensorSpec[],
  outputs: readonly TensorSpec[],
  more: object = {},
): ModelManifest =>
  ModelManifest.parse({
    engine: "onnx",
    entry,
    files: [{ path: entry, sha256: Sha256.parse("0".repeat(64)), bytes: 1 }],
    inputs,
    outputs,
    ...more,
  });
