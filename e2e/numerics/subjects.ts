import type { Bytes } from "@infernet/schemas/digest";
import type { Tensor } from "@infernet/schemas/tensor";
import { widenTensor } from "@infernet/schemas/tensor-widen";
import { sampleRows } from "infernet-runner/calibrate/sample-rows";
import { halveWeights, pruneWeights, quantizeWeights, skipLayers } from "../fixtures/cheat-models.ts";
import { GLYPH_BYTES, glyphImages, glyphsModel, imageShape } from "../fixtures/glyphs-model.ts";
import {
  attentionModel,
  dynamicInt8Model,
  halfMlpModel,
  mlpModel,
  qlinearModel,
} from "../fixtures/numeric-models.ts";
import type { ModelSource } from "../network/upload-model.ts";
import type { Subject } from "./honest-runs.ts";
import { writeModelFolder } from "./model-folder.ts";

const ROWS = 512;
const SEED = 1;

/** A model that is run honestly, and what a cheat would run in its place. */
export interface CheatedSubject extends Subject {
  name: string;
  /** The file of each fraud, by what it is. */
  frauds: Record<string, Bytes>;
}

/** FP32 models with ten and more outputs a row: a CNN, a network of 24 layers, and self-attention. */
export function wideSubjects(parent: string): CheatedSubject[] {
  const deep = mlpModel("deep", [32, ...Array.from({ length: 24 }, () => 128), 16], 3);
  const attention = attentionModel("attention", { positions: 16, width: 64, layers: 4, outputs: 10 }, 4);
  return [
    glyphsSubject(parent, ROWS),
    cheated(subject(parent, deep), deep, ["x5", "x6"]),
    cheated(subject(parent, attention), attention, ["h1", "h2"]),
  ];
}

/** The network that reads characters, over the first test images. */
export function glyphsSubject(parent: string, rows: number): CheatedSubject {
  const source = glyphsModel();
  const data = glyphImages().subarray(0, rows * GLYPH_BYTES);
  const bytes: Tensor = { name: "images", datatype: "UINT8", shape: imageShape(data), data };
  const input = widenTensor(bytes, "FP32");
  return cheated({ ...writeModelFolder(parent, source), input }, source, [
    "/f/f.5/MaxPool_output_0",
    "/f/f.7/Relu_output_0",
  ]);
}

/** One number a row. */
export function narrowSubject(parent: string): CheatedSubject {
  const source = mlpModel("regression", [64, 256, 256, 256, 1], 5);
  return cheated(subject(parent, source), source, ["x2", "x3"]);
}

/** 8-bit integers throughout: with fixed scales, and with a scale for each row. */
export function exactSubjects(parent: string): Subject[] {
  return [
    subject(parent, qlinearModel("qlinear", [64, 256, 256, 10], 7)),
    subject(parent, dynamicInt8Model("dynamic", [256, 256], 8, null), 1),
  ];
}

/** The second of `exactSubjects` without the bound that makes each row a batch of its own. */
export const batchDependentSubject = (parent: string): Subject =>
  subject(parent, dynamicInt8Model("dynamic", [256, 256], 8, null));

/** Arithmetic of fewer bits: FP16 throughout, and 8-bit products with Tanh between them. */
export function coarseSubjects(parent: string): Subject[] {
  return [
    subject(parent, halfMlpModel("half", [256, 512, 512, 64], 6)),
    subject(parent, dynamicInt8Model("mixed", [64, 256, 256, 10], 10, "Tanh"), 1),
  ];
}

function subject(parent: string, source: ModelSource, batch_rows_max: number | null = null): Subject {
  const folder = writeModelFolder(parent, source, batch_rows_max);
  const [input] = sampleRows(folder.manifest, ROWS, SEED);
  if (input === undefined) throw new Error(`${source.name} has no input`);
  return { ...folder, input };
}

/** @param skipped two values of the graph between which a layer is left out */
function cheated(
  honest: Subject,
  { name, bytes }: ModelSource,
  [from, to]: [string, string],
): CheatedSubject {
  return {
    ...honest,
    name,
    frauds: {
      "FP16 weights": halveWeights(bytes),
      "INT8 weights": quantizeWeights(bytes, 8),
      "a smaller model": pruneWeights(bytes, 0.3),
      "a truncated layer": skipLayers(bytes, from, to),
    },
  };
}
