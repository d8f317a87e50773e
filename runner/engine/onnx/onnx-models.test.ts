import { copyFile, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ModelManifest } from "@infernet/schemas/model";
import type { Tensor, TensorSpec } from "@infernet/schemas/tensor";
import { viewElements } from "@infernet/schemas/tensor-elements";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findBestSandbox } from "../../sandbox/detect-sandboxes.ts";
import { plainSandbox } from "../../sandbox/plain-sandbox.ts";
import type { EngineRun, Session } from "../engine.ts";
import { buildModel, ELEMENT_TYPE, type Graph } from "./build-model.ts";
import { createOnnxEngine } from "./onnx-engine.ts";
import { onnxManifest } from "./testing/onnx-manifest.ts";

const GLYPHS = fileURLToPath(new URL("../../../e2e/fixtures/glyphs/", import.meta.url));
const PATIENT = { timeout_ms: 60_000, signal: new AbortController().signal };
const MIB = 1024 ** 2;
const MEMORY_MAX = 512 * MIB;
const FP32 = ELEMENT_TYPE.FP32;

const { best } = await findBestSandbox();
if (best.level === "none") console.warn("skipped: no sandbox of this machine limits memory");
const engine = await createOnnxEngine({ sandbox: best, threads: 1, memory_bytes_max: MEMORY_MAX });

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "infernet-models-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const float = (name: string, ...dims: (number | null)[]): TensorSpec => ({
  name,
  datatype: "FP32",
  shape: [null, ...dims],
});

const rows = (name: string, values: number[], columns = 1): Tensor => ({
  name,
  datatype: "FP32",
  shape: [values.length / columns, columns],
  data: new Uint8Array(Float32Array.from(values).buffer),
});

const valuesOf = ({ outputs }: EngineRun, i = 0): number[] =>
  Array.from(viewElements("FP32", outputs[i]?.data ?? new Uint8Array()));

async function withModel<T>(
  graph: Graph,
  manifest: ModelManifest,
  use: (session: Session) => Promise<T>,
  opset?: number,
): Promise<T> {
  await buildModel(join(dir, manifest.entry), graph, opset);
  const session = await engine.load(manifest, dir);
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

const unary = (op: string): Graph => ({
  inputs: [{ name: "x", type: FP32, dims: ["n", 1] }],
  outputs: [{ name: "y", type: FP32, dims: ["n", 1] }],
  nodes: [{ op, inputs: ["x"], outputs: ["y"] }],
});

describe(`models of the onnx engine in the sandbox '${best.level}'`, () => {
  it("computes the same bytes as without a sandbox", async () => {
    const images = new Uint8Array(await readFile(join(GLYPHS, "test-images.u8"))).subarray(0, 20 * 784);
    const input: Tensor = { name: "images", datatype: "UINT8", shape: [20, 1, 28, 28], data: images };
    const manifest = onnxManifest("model.onnx", [float("images", 1, 28, 28)], [float("logits", 35)]);
    const free = await createOnnxEngine({ sandbox: plainSandbox, threads: 1 });
    const [held, open] = await Promise.all(
      [engine, free].map(async (one) => {
        const session = await one.load(manifest, GLYPHS);
        return session.run([input], 20, PATIENT).finally(() => session.close());
      }),
    );
    expect(held?.outputs).toEqual(open?.outputs);
  });

  it("finds weights that lie in a file beside the model", async () => {
    await writeFile(join(dir, "weights.bin"), new Uint8Array(Float32Array.from([1, 2, 3, 4]).buffer));
    const graph: Graph = {
      inputs: [{ name: "x", type: FP32, dims: ["n", 2] }],
      outputs: [{ name: "y", type: FP32, dims: ["n", 2] }],
      external: { w: { path: "weights.bin", dims: [2, 2] } },
      nodes: [{ op: "MatMul", inputs: ["x", "w"], outputs: ["y"] }],
    };
    const manifest = onnxManifest("external.onnx", [float("x", 2)], [float("y", 2)]);
    const run = await withModel(graph, manifest, (session) =>
      session.run([rows("x", [1, 1], 2)], 1, PATIENT),
    );
    expect(valuesOf(run)).toEqual([4, 6]);
  });

  it("says that a file of weights is missing", async () => {
    const graph: Graph = { ...unary("Identity"), external: { w: { path: "absent.bin", dims: [1] } } };
    graph.nodes = [{ op: "Mul", inputs: ["x", "w"], outputs: ["y"] }];
    const manifest = onnxManifest("half.onnx", [float("x", 1)], [float("y", 1)]);
    await expect(withModel(graph, manifest, async () => undefined)).rejects.toMatchObject({
      code: "model_unloadable",
      message: expect.stringContaining("absent.bin"),
    });
  });

  it("takes several inputs by name in any order and gives outputs in the manifest's, for any number of rows", async () => {
    const graph: Graph = {
      inputs: ["a", "b"].map((name) => ({ name, type: FP32, dims: ["n", 1] })),
      outputs: ["sum", "difference"].map((name) => ({ name, type: FP32, dims: ["n", 1] })),
      nodes: [
        { op: "Add", inputs: ["a", "b"], outputs: ["sum"] },
        { op: "Sub", inputs: ["a", "b"], outputs: ["difference"] },
      ],
    };
    const specs = [float("difference", 1), float("sum", 1)];
    const manifest = onnxManifest("two.onnx", [float("a", 1), float("b", 1)], specs, { batch: { max: 2 } });
    await withModel(graph, manifest, async (session) => {
      for (const count of [1, 2, 5]) {
        const a = Array.from({ length: count }, (_, i) => 10 * i);
        const b = Array.from({ length: count }, (_, i) => i);
        const run = await session.run([rows("b", b), rows("a", a)], count, PATIENT);
        expect(run.outputs.map(({ name }) => name)).toEqual(["difference", "sum"]);
        expect(valuesOf(run, 0)).toEqual(a.map((value, i) => value - i));
        expect(valuesOf(run, 1)).toEqual(a.map((value, i) => value + i));
      }
    });
  });

  it("names the output and the row that is not a number, and computes the others' shard", async () => {
    const manifest = onnxManifest("log.onnx", [float("x", 1)], [float("y", 1)], { batch: { max: 2 } });
    await withModel(unary("Log"), manifest, async (session) => {
      await expect(session.run([rows("x", [1, 1, 1, -1])], 4, PATIENT)).rejects.toMatchObject({
        code: "output_mismatch",
        message: expect.stringMatching(/'y' is not a number \(NaN\) in row 3/),
      });
      expect(valuesOf(await session.run([rows("x", [1])], 1, PATIENT))).toEqual([0]);
    });
  });

  it("says which opset a model has and which the runtime knows", async () => {
    const manifest = onnxManifest("new.onnx", [float("x", 1)], [float("y", 1)]);
    await expect(withModel(unary("Identity"), manifest, async () => undefined, 999)).rejects.toMatchObject({
      code: "model_unloadable",
      message: expect.stringMatching(/opset 999.*(till|up to|only)/i),
    });
  });

  it("says that a model was cut short", async () => {
    const manifest = onnxManifest("cut.onnx", [float("images", 1, 28, 28)], [float("logits", 35)]);
    await copyFile(join(GLYPHS, "model.onnx"), join(dir, "cut.onnx"));
    await truncate(join(dir, "cut.onnx"), 10_000);
    await expect(engine.load(manifest, dir)).rejects.toMatchObject({
      code: "model_unloadable",
      message: expect.stringMatching(/does not load/),
    });
  });

  it("refuses a model that says it needs more memory than there is", async () => {
    const more = { memory_bytes: MEMORY_MAX + 1 };
    const manifest = onnxManifest("identity.onnx", [float("x", 1)], [float("y", 1)], more);
    await expect(withModel(unary("Identity"), manifest, async () => undefined)).rejects.toMatchObject({
      code: "out_of_memory",
      message: expect.stringMatching(/needs 513 MiB.*gives one model 512 MiB/),
    });
  });

  it.skipIf(best.level === "none")(
    "tells a model that takes more memory than it may, and goes on with the next shard",
    async () => {
      const graph: Graph = {
        inputs: [{ name: "x", type: FP32, dims: ["n", 1] }],
        outputs: [{ name: "y", type: FP32, dims: ["n", 1] }],
        constants: { wide: [1, MEMORY_MAX], axes: [1] },
        nodes: [
          { op: "Expand", inputs: ["x", "wide"], outputs: ["all"] },
          { op: "ReduceMax", inputs: ["all"], outputs: ["most"], attributes: { keepdims: 0 } },
          { op: "Add", inputs: ["x", "most"], outputs: ["y"] },
        ],
      };
      const manifest = onnxManifest("hungry.onnx", [float("x", 1)], [float("y", 1)]);
      await withModel(graph, manifest, async (session) => {
        for (const attempt of [1, 2])
          await expect(session.run([rows("x", [attempt])], 1, PATIENT)).rejects.toMatchObject({
            code: "out_of_memory",
          });
        await expect(session.run([], 1, PATIENT)).rejects.toMatchObject({ code: "input_mismatch" });
      });
    },
  );
});
