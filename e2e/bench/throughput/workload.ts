import type { Bytes } from "@infernet/schemas/digest";
import { GLYPH_BYTES, glyphImages, glyphsModel, imageShape } from "../../fixtures/glyphs-model.ts";
import { createOnnxModel, FIVE_MS_SHAPE } from "../../fixtures/onnx-model.ts";
import type { ModelSource } from "../../network/upload-model.ts";

/** A model and as many rows as take some seconds. */
export interface Workload {
  model: ModelSource;
  rows: number;
  input: { name: string; datatype: "UINT8" | "FP32"; shape: number[] };
  /** The rows of the n-th run: never the same bytes, so that no run finds its input in a runner's cache. */
  inputOfRun: (n: number) => Bytes;
}

const GLYPH_REPEATS = 40;
const FIVE_MS_ROWS = 1_600;

/** Test images again and again, 63 MB: carrying them is most of the work. */
function glyphs(): Workload {
  const images = glyphImages();
  const all = new Uint8Array(images.length * GLYPH_REPEATS);
  for (let n = 0; n < GLYPH_REPEATS; n += 1) all.set(images, n * images.length);
  return {
    model: glyphsModel(),
    rows: all.length / GLYPH_BYTES,
    input: { name: "images", datatype: "UINT8", shape: imageShape(all) },
    inputOfRun: (n) => withFirst(all, n),
  };
}

function fiveMs(): Workload {
  const model = createOnnxModel("five-ms", FIVE_MS_SHAPE);
  const all = new Uint8Array(FIVE_MS_ROWS * FIVE_MS_SHAPE.features * Float32Array.BYTES_PER_ELEMENT);
  return {
    model,
    rows: FIVE_MS_ROWS,
    input: { name: "x", datatype: "FP32", shape: [FIVE_MS_ROWS, FIVE_MS_SHAPE.features] },
    inputOfRun: (n) => withFirst(all, n),
  };
}

/** The bytes with another first one. In a little-endian FP32 it is the smallest part of the number. */
function withFirst(bytes: Bytes, value: number): Bytes {
  const changed = bytes.slice();
  changed[0] = value;
  return changed;
}

export const WORKLOADS: readonly (() => Workload)[] = [glyphs, fiveMs];
