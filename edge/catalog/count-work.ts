import { countFuel } from "@infernet/protocol/work-units/count-fuel";
import type { OnnxCount } from "@infernet/protocol/work-units/count-onnx";
import { countStream } from "@infernet/protocol/work-units/count-stream";
import { InfernetError } from "@infernet/schemas/errors";
import type { ModelManifest } from "@infernet/schemas/model";
import { type ModelWork, renderCount } from "@infernet/schemas/work";
import type { BlobStore } from "../blobs/blob-store.ts";

/**
 * What a row of the model takes: from the graph in its entry file, of which all but the structure is passed over as it is
 * read, or from the instructions that its manifest allows a row. Throws `model_file_missing` when the file is gone.
 */
export async function countWork(store: BlobStore, manifest: ModelManifest): Promise<ModelWork> {
  if (manifest.engine === "wasm") return countFuel(manifest.wasm?.fuel_per_row_max);
  if (manifest.engine !== "onnx")
    return {
      kind: "declared",
      reason: `the work of a model of the engine ${manifest.engine} is not counted`,
    };
  const entry = manifest.files.find(({ path }) => path === manifest.entry);
  const blob = entry === undefined ? null : await store.get(entry.sha256);
  if (blob === null) throw new InfernetError("model_file_missing", `${manifest.entry} is not uploaded`);
  return renderWork(await countStream(blob.body, manifest.inputs, manifest.batch.max ?? undefined));
}

/** A count that rests on shapes which the file only states is no ground for a price: whoever made it could understate them. */
function renderWork(count: OnnxCount): ModelWork {
  if (count.kind === "uncountable") return { kind: "declared", reason: count.reason };
  const { operations_per_row, parameters, declared_shapes } = count;
  if (declared_shapes > 0) {
    const reason = `the model computes the shapes of ${declared_shapes} tensors, for which there is only the file's word`;
    return { kind: "declared", reason };
  }
  return {
    kind: "counted",
    operations_per_row: renderCount(operations_per_row),
    parameters: renderCount(parameters),
  };
}
