import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Bytes, Sha256 } from "@infernet/schemas/digest";
import { ModelManifest } from "@infernet/schemas/model";
import type { Tensor } from "@infernet/schemas/tensor";
import type { Engine } from "../../engine.ts";
import { EngineFailure } from "../../engine-failure.ts";
import { buildModel, ELEMENT_TYPE, type Graph } from "../build-model.ts";
import { mutateModel } from "./mutate-model.ts";

const RUN_MS_MAX = 10_000;
const ROWS = 2;

export interface Mutations {
  engine: Engine;
  dir: string;
  models: number;
  /** Children at once. */
  at_once: number;
  random: () => number;
  /** A model of one input of one column and one output like it. */
  bytes: Bytes;
}

/** How many mutated models ended how: by the code of the failure, or `computed`. */
export type Tally = Record<string, number>;

/** The interplay of some operators, small enough that faults hit their description and not their weights. */
export async function buildVictim(path: string): Promise<void> {
  const value = (name: string): Graph["inputs"][number] => ({
    name,
    type: ELEMENT_TYPE.FP32,
    dims: ["n", 1],
  });
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
}

/**
 * Loads and runs mutated models. Whatever becomes of one, the engine answers with a result or an `EngineFailure`; anything
 * else rejects.
 */
export async function tryMutations({
  engine,
  dir,
  models,
  at_once,
  random,
  bytes,
}: Mutations): Promise<Tally> {
  const tally: Tally = {};
  let begun = 0;
  const work = async (): Promise<void> => {
    while (begun < models) {
      const own = join(dir, `mutated-${begun++}`);
      await mkdir(own, { recursive: true });
      await writeFile(join(own, "model.onnx"), mutateModel(bytes, random));
      const outcome = await tryModel(engine, own);
      tally[outcome] = (tally[outcome] ?? 0) + 1;
      await rm(own, { recursive: true });
    }
  };
  await Promise.all(Array.from({ length: at_once }, work));
  return tally;
}

/** What becomes of the model in a folder: `computed`, or the code of its failure. */
export async function tryModel(engine: Engine, dir: string): Promise<string> {
  const x: Tensor = {
    name: "x",
    datatype: "FP32",
    shape: [ROWS, 1],
    data: new Uint8Array(Float32Array.of(1, 2).buffer),
  };
  try {
    const session = await engine.load(MANIFEST, dir);
    const { signal } = new AbortController();
    await session.run([x], ROWS, { timeout_ms: RUN_MS_MAX, signal }).finally(() => session.close());
    return "computed";
  } catch (error) {
    if (error instanceof EngineFailure) return error.code;
    throw error;
  }
}

const MANIFEST = ModelManifest.parse({
  engine: "onnx",
  entry: "model.onnx",
  files: [{ path: "model.onnx", sha256: Sha256.parse("0".repeat(64)), bytes: 1 }],
  inputs: [{ name: "x", datatype: "FP32", shape: [null, 1] }],
  outputs: [{ name: "y", datatype: "FP32", shape: [null, 1] }],
});
