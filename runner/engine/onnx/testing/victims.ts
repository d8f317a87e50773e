import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Bytes } from "@infernet/schemas/digest";
import type { ModelManifest } from "@infernet/schemas/model";
import type { Tensor, TensorSpec } from "@infernet/schemas/tensor";
import { buildModel, ELEMENT_TYPE, type Graph } from "../build-model.ts";
import { onnxManifest } from "./onnx-manifest.ts";

const ROWS = 2;

/** A sound model that is damaged in many ways, with input for it. */
export interface Victim {
  bytes: Bytes;
  manifest: ModelManifest;
  inputs: Tensor[];
  rows: number;
}

/** One whose description is most of it, so that faults hit that, and one that is mostly weights. */
export const makeVictims = async (dir: string): Promise<[Victim, ...Victim[]]> => [
  await makeSmall(dir),
  await makeGlyphs(),
];

/** The interplay of some operators. */
async function makeSmall(dir: string): Promise<Victim> {
  const value = (name: string): Graph["inputs"][number] => ({
    name,
    type: ELEMENT_TYPE.FP32,
    dims: ["n", 1],
  });
  const path = join(dir, "small.onnx");
  await buildModel(path, {
    inputs: [value("x")],
    outputs: [value("y")],
    constants: { wide: [1, 8], axes: [1] },
    nodes: [
      { op: "Expand", inputs: ["x", "wide"], outputs: ["all"] },
      { op: "Softmax", inputs: ["all"], outputs: ["soft"], attributes: { axis: 1 } },
      { op: "ReduceSum", inputs: ["soft", "axes"], outputs: ["sum"], attributes: { keepdims: 1 } },
      { op: "Mul", inputs: ["sum", "x"], outputs: ["y"] },
    ],
  });
  return victimOf(path, { name: "x", datatype: "FP32", shape: [null, 1] }, "y", [null, 1]);
}

function makeGlyphs(): Promise<Victim> {
  const path = fileURLToPath(new URL("../../../../e2e/fixtures/glyphs/model.onnx", import.meta.url));
  const images: TensorSpec = { name: "images", datatype: "FP32", shape: [null, 1, 28, 28] };
  return victimOf(path, images, "logits", [null, 35]);
}

async function victimOf(
  path: string,
  input: TensorSpec,
  output: string,
  outputShape: TensorSpec["shape"],
): Promise<Victim> {
  const manifest = onnxManifest(
    "model.onnx",
    [input],
    [{ name: output, datatype: "FP32", shape: outputShape }],
  );
  const shape = input.shape.map((size) => size ?? ROWS);
  const elements = shape.reduce((product, size) => product * size, 1);
  const data = new Uint8Array(new Float32Array(elements).fill(0.5).buffer);
  const inputs: Tensor[] = [{ name: input.name, datatype: "FP32", shape, data }];
  return { bytes: new Uint8Array(await readFile(path)), manifest, inputs, rows: ROWS };
}
