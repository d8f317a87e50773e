import { countFuel } from "@infernet/protocol/work-units/count-fuel";
import type { OnnxCount } from "@infernet/protocol/work-units/count-onnx";
import { countParameters } from "@infernet/protocol/work-units/count-parameters";
import { countStream } from "@infernet/protocol/work-units/count-stream";
import { InfernetError } from "@infernet/schemas/errors";
import { operationsPerUnit } from "@infernet/schemas/llm/token-units";
import type { ModelManifest } from "@infernet/schemas/model";
import { type ModelWork, renderCount } from "@infernet/schemas/work";
import type { BlobStore } from "../blobs/blob-store.ts";

/**
 * What a row of the model takes: from the graph in its entry file, of which all but the structure is passed over as it is
 * read, or from the instructions that its manifest allows a row. Throws `model_file_missing` when the file is gone.
 */
export async function countWork(store: BlobStore, manifest: ModelManifest): Promise<ModelWork> {
  if (manifest.engine === "wasm") return countFuel(manifest.wasm?.fuel_per_row_max);
  if (manifest.engine === "llm" || manifest.engine === "embeddings") return countTokens(store, manifest);
  if (manifest.engine !== "onnx")
    return {
      kind: "declared",
      reason: `the work of a model of the engine ${manifest.engine} is not counted`,
    };
  const body = await readEntry(store, manifest);
  return renderWork(await countStream(body, manifest.inputs, manifest.batch.max ?? undefined));
}

async function readEntry(store: BlobStore, manifest: ModelManifest): Promise<AsyncIterable<Uint8Array>> {
  const entry = manifest.files.find(({ path }) => path === manifest.entry);
  const blob = entry === undefined ? null : await store.get(entry.sha256);
  if (blob === null) throw new InfernetError("model_file_missing", `${manifest.entry} is not uploaded`);
  return blob.body;
}

/** What takes tokens is priced by its parameters: those in its file, of which a token may pass through fewer, as declared. */
async function countTokens(store: BlobStore, manifest: ModelManifest): Promise<ModelWork> {
  const declared = BigInt((manifest.llm ?? manifest.embeddings)?.parameters ?? 0);
  const counted = await countParameters(await readEntry(store, manifest));
  if (counted === null)
    return { kind: "declared", reason: `${manifest.entry} is no ONNX file that can be read` };
  if (declared < counted / ACTIVE_PARAMETERS_MIN)
    throw new InfernetError(
      "request_invalid",
      `the file has ${counted} parameters; ${declared} are declared, and a token passes through a sixteenth of them at least`,
    );
  return {
    kind: "counted",
    operations_per_row: renderCount(operationsPerUnit(declared)),
    parameters: renderCount(counted),
  };
}

/** Of mixtures of experts that are in use, none has a token pass through less than a sixteenth of its parameters. */
const ACTIVE_PARAMETERS_MIN = 16n;

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
