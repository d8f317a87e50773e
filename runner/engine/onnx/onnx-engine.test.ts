import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LIMITS } from "@infernet/schemas/limits";
import type { ModelManifest } from "@infernet/schemas/model";
import type { Tensor, TensorSpec } from "@infernet/schemas/tensor";
import { joinBytes, splitBytes } from "@infernet/schemas/tensor-bytes";
import { viewElements } from "@infernet/schemas/tensor-elements";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { findBestSandbox } from "../../sandbox/detect-sandboxes.ts";
import { ChildSession } from "../child/child-session.ts";
import type { EngineRun, Session } from "../engine.ts";
import { describeEngine, type EngineModel } from "../engine-contract.ts";
import { buildModel, ELEMENT_TYPE, type Graph } from "./build-model.ts";
import { createOnnxEngine } from "./onnx-engine.ts";
import { onnxManifest } from "./testing/onnx-manifest.ts";

const GLYPHS = fileURLToPath(new URL("../../../e2e/fixtures/glyphs/", import.meta.url));
const at = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
const PATIENT = { timeout_ms: 60_000, signal: new AbortController().signal };
const PIXELS = 28 * 28;
const images = new Uint8Array(await readFile(join(GLYPHS, "test-images.u8")));
const labels = new Uint8Array(await readFile(join(GLYPHS, "test-labels.u8")));

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "infernet-onnx-"));
  await writeFile(join(dir, "garbage.onnx"), "not a model");
  await buildModel(join(dir, "slow.onnx"), slowGraph());
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const glyphs: EngineModel = {
  manifest: onnxManifest(
    "model.onnx",
    [{ name: "images", datatype: "FP32", shape: [null, 1, 28, 28] }],
    [{ name: "logits", datatype: "FP32", shape: [null, 35] }],
  ),
  dir: GLYPHS,
  inputs: (rows) => [
    { name: "images", datatype: "UINT8", shape: [rows, 1, 28, 28], data: images.subarray(0, rows * PIXELS) },
  ],
};

const WIDE = 1_024;

/** A million products of a row with a large matrix, in one native call: far more than ten seconds. */
function slowGraph(): Graph {
  const row = { type: ELEMENT_TYPE.FP32, dims: ["n", WIDE] };
  return {
    inputs: [{ name: "x", ...row }],
    outputs: [{ name: "y", ...row }],
    constants: { shape: [WIDE, WIDE], times: [1_000_000] },
    nodes: [
      { op: "ConstantOfShape", inputs: ["shape"], outputs: ["w"] },
      { op: "Loop", inputs: ["times", "", "x"], outputs: ["y"], body: productOnce(row) },
    ],
  };
}

function productOnce(row: { type: number; dims: (number | string)[] }): Graph {
  return {
    inputs: [
      { name: "i", type: ELEMENT_TYPE.INT64, dims: [] },
      { name: "go_on", type: ELEMENT_TYPE.BOOL, dims: [] },
      { name: "before", ...row },
    ],
    outputs: [
      { name: "still_go_on", type: ELEMENT_TYPE.BOOL, dims: [] },
      { name: "after", ...row },
    ],
    nodes: [
      { op: "Identity", inputs: ["go_on"], outputs: ["still_go_on"] },
      { op: "MatMul", inputs: ["before", "w"], outputs: ["after"] },
    ],
  };
}

const slow = (): EngineModel => ({
  manifest: onnxManifest(
    "slow.onnx",
    [{ name: "x", datatype: "FP32", shape: [null, WIDE] }],
    [{ name: "y", datatype: "FP32", shape: [null, WIDE] }],
  ),
  dir,
  inputs: (rows) => [
    { name: "x", datatype: "FP32", shape: [rows, WIDE], data: new Uint8Array(rows * WIDE * 4) },
  ],
});

const { best } = await findBestSandbox();
const engine = await createOnnxEngine({ sandbox: best, threads: 1 });

describeEngine("onnx", async () => ({
  engine,
  model: glyphs,
  slow: slow(),
  garbage: { ...glyphs, manifest: { ...glyphs.manifest, entry: "garbage.onnx" }, dir },
}));

const argmax = (row: ArrayLike<number>): number =>
  Array.from(row).reduce(
    (best, value, i, all) => (value > (all[best] ?? Number.NEGATIVE_INFINITY) ? i : best),
    0,
  );

async function withSession<T>(model: EngineModel, use: (session: Session) => Promise<T>): Promise<T> {
  const session = await engine.load(model.manifest, model.dir);
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

async function runGraph(
  graph: Graph,
  manifest: ModelManifest,
  inputs: Tensor[],
  rows: number,
): Promise<EngineRun> {
  await buildModel(join(dir, manifest.entry), graph);
  return withSession({ manifest, dir, inputs: () => inputs }, (session) =>
    session.run(inputs, rows, PATIENT),
  );
}

/** A process and those it started, where the system tells: a sandbox is several. */
function withDescendants(pid: number): number[] {
  const children = `/proc/${pid}/task/${pid}/children`;
  const found = existsSync(children) ? readFileSync(children, "utf8").trim().split(" ").filter(Boolean) : [];
  return [pid, ...found.flatMap((child) => withDescendants(Number(child)))];
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("the onnx engine", () => {
  it("offers the version of the runtime that answered", () => {
    expect(engine.offer).toEqual({
      engine: "onnx",
      version: "1.30.0",
      execution_provider: "cpu",
      formats: ["onnx"],
      sandbox: best.level,
    });
  });

  it("reads 200 glyphs as the labels say, at least 98 of 100", async () => {
    await withSession(glyphs, async (session) => {
      expect(session.execution_class).toBe("onnx/1.30.0/cpu/fp32");
      const { outputs } = await session.run(glyphs.inputs(200), 200, PATIENT);
      const logits = viewElements("FP32", outputs[0]?.data ?? new Uint8Array());
      const right = Array.from({ length: 200 }, (_, row) => row).filter(
        (row) => argmax(logits.subarray(row * 35, (row + 1) * 35)) === labels[row],
      );
      expect(right.length).toBeGreaterThanOrEqual(196);
    });
  });

  it("begins a shard anew, with those behind it, when something kills its process", async () => {
    const session = await engine.load(glyphs.manifest, GLYPHS);
    if (!(session instanceof ChildSession)) throw new Error("the onnx engine made another session");
    const first = session.pid ?? 0;
    const runs = [2_000, 3].map((rows) => session.run(glyphs.inputs(rows), rows, PATIENT));
    process.kill(first, "SIGKILL");
    const results = await Promise.all(runs);
    expect(results.map(({ outputs }) => outputs[0]?.shape)).toEqual([
      [2_000, 35],
      [3, 35],
    ]);
    // What it had said before it was killed may be heard before its end is.
    await vi.waitFor(() => expect(session.pid).not.toBe(first));
    await session.close();
  });

  it("gives a shard up when its process is killed again and again, and runs what is behind it", async () => {
    const session = await engine.load(slow().manifest, dir);
    if (!(session instanceof ChildSession)) throw new Error("the onnx engine made another session");
    const lost = session.run(slow().inputs(1), 1, PATIENT);
    const behind = session.run([], 1, PATIENT);
    const outcome = expect(lost).rejects.toMatchObject({
      code: "engine_crashed",
      message: expect.stringMatching("SIGKILL"),
    });
    const killed = new Set<number>();
    await vi.waitFor(
      () => {
        const { pid } = session;
        if (pid !== undefined && session.isLoaded && !killed.has(pid)) {
          process.kill(pid, "SIGKILL");
          killed.add(pid);
        }
        expect(killed.size).toBe(LIMITS.engine_kills_max + 1);
      },
      { timeout: 20_000, interval: 5 },
    );
    await outcome;
    await expect(behind).rejects.toMatchObject({ code: "input_mismatch" });
    await session.close();
  });

  it.each(["none", best.level])(
    "ends with its runner, even in the middle of a native run, in the sandbox '%s'",
    { timeout: 20_000 },
    async (level) => {
      const program = `
        const { createOnnxEngine } = await import(${at("./onnx-engine.ts")});
        const { findBestSandbox } = await import(${at("../../sandbox/detect-sandboxes.ts")});
        const { plainSandbox } = await import(${at("../../sandbox/plain-sandbox.ts")});
        const sandbox = process.argv[1] === "none" ? plainSandbox : (await findBestSandbox()).best;
        const engine = await createOnnxEngine({ sandbox, threads: 1 });
        const session = await engine.load(${JSON.stringify(slow().manifest)}, ${JSON.stringify(dir)});
        const x = { name: "x", datatype: "FP32", shape: [1, ${WIDE}], data: new Uint8Array(${WIDE * 4}) };
        session.run([x], 1, { timeout_ms: 60_000, signal: new AbortController().signal });
        console.log(session.pid);
      `;
      const parent = spawn(process.execPath, ["--input-type=module", "-e", program, level], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const [line] = await once(parent.stdout, "data");
      const pids = withDescendants(Number(String(line)));
      expect(pids.map(isRunning)).toEqual(pids.map(() => true));
      parent.kill("SIGKILL");
      await expect.poll(() => pids.filter(isRunning), { timeout: 10_000 }).toEqual([]);
    },
  );

  it("refuses a model that returns another number of rows", async () => {
    const graph: Graph = {
      inputs: [{ name: "x", type: ELEMENT_TYPE.FP32, dims: ["n", 2] }],
      outputs: [{ name: "y", type: ELEMENT_TYPE.FP32, dims: ["m", 2] }],
      constants: { axes: [0] },
      nodes: [{ op: "ReduceSum", inputs: ["x", "axes"], outputs: ["y"], attributes: { keepdims: 1 } }],
    };
    const spec: Omit<TensorSpec, "name"> = { datatype: "FP32", shape: [null, 2] };
    const manifest = onnxManifest("sum.onnx", [{ name: "x", ...spec }], [{ name: "y", ...spec }]);
    const x: Tensor = { name: "x", datatype: "FP32", shape: [4, 2], data: new Uint8Array(32) };
    await expect(runGraph(graph, manifest, [x], 4)).rejects.toMatchObject({
      code: "output_mismatch",
      message: expect.stringMatching(/1 rows; the shard has 4/),
    });
  });

  it("carries BYTES as strings and half precision as it is", async () => {
    const graph: Graph = {
      inputs: [
        { name: "text", type: ELEMENT_TYPE.STRING, dims: ["n"] },
        { name: "half", type: ELEMENT_TYPE.FP16, dims: ["n", 1] },
      ],
      outputs: [
        { name: "same_text", type: ELEMENT_TYPE.STRING, dims: ["n"] },
        { name: "same_half", type: ELEMENT_TYPE.FP16, dims: ["n", 1] },
      ],
      nodes: [
        { op: "Identity", inputs: ["text"], outputs: ["same_text"] },
        { op: "Identity", inputs: ["half"], outputs: ["same_half"] },
      ],
    };
    const specs = (prefix: string): TensorSpec[] => [
      { name: `${prefix}text`, datatype: "BYTES", shape: [null] },
      { name: `${prefix}half`, datatype: "FP16", shape: [null, 1] },
    ];
    const encoder = new TextEncoder();
    const words = ["añb", "", "日本"];
    const inputs: Tensor[] = [
      {
        name: "text",
        datatype: "BYTES",
        shape: [3],
        data: joinBytes(words.map((word) => encoder.encode(word))),
      },
      { name: "half", datatype: "FP16", shape: [3, 1], data: new Uint8Array([0, 0x3c, 0, 0x40, 1, 0]) },
    ];
    const manifest = onnxManifest("identity.onnx", specs(""), specs("same_"));
    const { outputs } = await runGraph(graph, manifest, inputs, 3);
    const decoder = new TextDecoder();
    expect(splitBytes(outputs[0]?.data ?? new Uint8Array()).map((bytes) => decoder.decode(bytes))).toEqual(
      words,
    );
    expect([...(outputs[1]?.data ?? [])]).toEqual([0, 0x3c, 0, 0x40, 1, 0]);
  });
});
