import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ModelManifest } from "@infernet/schemas/model";
import type { Tensor, TensorSpec } from "@infernet/schemas/tensor";
import { buildModel, ELEMENT_TYPE } from "infernet-runner/engine/onnx/build-model";
import { onnxManifest } from "infernet-runner/engine/onnx/testing/onnx-manifest";
import { GLYPH_BYTES, glyphImages, glyphsModel, imageShape } from "../../fixtures/glyphs-model.ts";
import type { Cleanup } from "../../network/cleanup.ts";

const KIB = 1024;
const FLOAT_BYTES = 4;
const GLYPH_ROWS = 256;

/** A shard that is computed again and again: how often, and of what. */
export interface ShardKind {
  name: string;
  pairs: number;
  manifest: ModelManifest;
  dir: string;
  rows: number;
  inputs: Tensor[];
}

/** One row of three sizes through a model that returns it, where all time is the engine's own, and a shard of `glyphs`. */
export async function makeShardKinds(cleanup: Cleanup): Promise<ShardKind[]> {
  const dir = await mkdtemp(join(tmpdir(), "infernet-bench-"));
  cleanup.add(() => rm(dir, { recursive: true, force: true }));
  const echoes = [
    { name: "1 KiB row", bytes: KIB, pairs: 300 },
    { name: "128 KiB row", bytes: 128 * KIB, pairs: 200 },
    { name: "8 MiB row", bytes: 8 * KIB * KIB, pairs: 40 },
  ];
  const kinds = await Promise.all(echoes.map((echo) => echoKind(dir, echo)));
  return [...kinds, await glyphsKind(dir)];
}

async function echoKind(
  dir: string,
  { name, bytes, pairs }: { name: string; bytes: number; pairs: number },
): Promise<ShardKind> {
  const columns = bytes / FLOAT_BYTES;
  const entry = `echo-${bytes}.onnx`;
  const value = { type: ELEMENT_TYPE.FP32, dims: ["n", columns] };
  await buildModel(join(dir, entry), {
    inputs: [{ name: "x", ...value }],
    outputs: [{ name: "y", ...value }],
    nodes: [{ op: "Identity", inputs: ["x"], outputs: ["y"] }],
  });
  const spec: Omit<TensorSpec, "name"> = { datatype: "FP32", shape: [null, columns] };
  const manifest = onnxManifest(entry, [{ name: "x", ...spec }], [{ name: "y", ...spec }]);
  const data = new Uint8Array(new Float32Array(columns).fill(0.5).buffer);
  const inputs: Tensor[] = [{ name: "x", datatype: "FP32", shape: [1, columns], data }];
  return { name, pairs, manifest, dir, rows: 1, inputs };
}

async function glyphsKind(dir: string): Promise<ShardKind> {
  const { bytes, inputs, outputs } = glyphsModel();
  await writeFile(join(dir, "glyphs.onnx"), bytes);
  const data = glyphImages().subarray(0, GLYPH_ROWS * GLYPH_BYTES);
  return {
    name: `${GLYPH_ROWS} glyphs`,
    pairs: 150,
    manifest: onnxManifest("glyphs.onnx", inputs, outputs),
    dir,
    rows: GLYPH_ROWS,
    inputs: [{ name: "images", datatype: "UINT8", shape: imageShape(data), data }],
  };
}
