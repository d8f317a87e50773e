import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ExecutionClass } from "@infernet/schemas/execution-class";
import type { ModelManifest } from "@infernet/schemas/model";
import type { Tensor } from "@infernet/schemas/tensor";
import { bytesOf, viewElements } from "@infernet/schemas/tensor-elements";
import { concatRows, rowCount, sliceRows } from "@infernet/schemas/tensor-rows";
import { readPrecision } from "infernet-runner/engine/onnx/read-precision";
import { planBatches } from "infernet-runner/engine/plan-batches";
import * as ort from "onnxruntime-web";

ort.env.wasm.numThreads = 1;

export interface WasmRun {
  execution_class: ExecutionClass;
  tensors: Tensor[];
}

/** A model of one FP32 input and one FP32 output on ONNX Runtime's WebAssembly build, `batch` rows in one call. */
export async function runWasm(
  { dir, manifest }: { dir: string; manifest: ModelManifest },
  input: Tensor,
  batch: number,
): Promise<WasmRun> {
  const file = readFileSync(join(dir, manifest.entry));
  const session = await ort.InferenceSession.create(file, { executionProviders: ["wasm"] });
  const name = manifest.outputs[0]?.name ?? "";
  const parts: Tensor[] = [];
  for (const { start, count } of planBatches(rowCount(input), batch)) {
    const rows = sliceRows(input, start, count);
    const data = viewElements("FP32", rows.data);
    const results = await session.run({ [input.name]: new ort.Tensor("float32", data, rows.shape) });
    const output = results[name];
    if (!(output?.data instanceof Float32Array)) throw new Error(`the model gives no FP32 '${name}'`);
    const shape = [...output.dims];
    parts.push({ name, datatype: "FP32", shape, data: bytesOf(Float32Array.from(output.data)) });
  }
  await session.release();
  const precision = readPrecision(file) ?? "fp32";
  return {
    execution_class: ExecutionClass.parse(`onnx/${ort.env.versions.web}/wasm/${precision}`),
    tensors: [concatRows(parts)],
  };
}
