import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Tensor } from "@infernet/schemas/tensor";
import { joinBytes } from "@infernet/schemas/tensor-bytes";
import { viewElements } from "@infernet/schemas/tensor-elements";
import { afterAll, describe, expect, it } from "vitest";
import { findBestSandbox } from "../../sandbox/detect-sandboxes.ts";
import type { EngineRun, Session } from "../engine.ts";
import { describeEngine, type EngineModel } from "../engine-contract.ts";
import { buildModel, ELEMENT_TYPE, type Graph } from "../onnx/build-model.ts";
import { createOnnxEngine } from "../onnx/onnx-engine.ts";
import { onnxManifest } from "../onnx/testing/onnx-manifest.ts";
import { createEmbeddingsEngine } from "./embeddings-engine.ts";
import { poolStates } from "./pool-states.ts";
import {
  TINY_ENCODER,
  tinyEncoderFiles,
  tinyEncoderGraph,
  tinyEncoderManifest,
} from "./testing/tiny-encoder.ts";

const PATIENT = { timeout_ms: 60_000, signal: new AbortController().signal };
const { width } = TINY_ENCODER;

const folder = await mkdtemp(join(tmpdir(), "infernet-embeddings-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

let made = 0;
/** A folder with the test model, and with another graph or other files where given. */
async function modelFolder(graph?: Graph, files: Record<string, string> = {}): Promise<string> {
  const dir = join(folder, String(made++));
  for (const { path, bytes } of tinyEncoderFiles()) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), bytes);
  }
  if (graph) await buildModel(join(dir, "onnx/model.onnx"), graph);
  for (const [path, text] of Object.entries(files)) await writeFile(join(dir, path), text);
  return dir;
}

const textTensor = (texts: readonly (string | Uint8Array)[]): Tensor => ({
  name: "text",
  datatype: "BYTES",
  shape: [texts.length],
  data: joinBytes(texts.map((text) => (typeof text === "string" ? new TextEncoder().encode(text) : text))),
});

/** Of many lengths, from one token of their own to as many as the model takes. */
const TEXTS = Array.from({ length: 40 }, (_, i) =>
  "the quick brown fox ".repeat(8).slice(i, i + 1 + ((i * 37) % 120)),
);

const { best } = await findBestSandbox();
const engine = await createEmbeddingsEngine({ sandbox: best, threads: 1 });

interface Embedded extends EngineRun {
  vectors: number[][];
  tokens: number[];
}

async function embedWith(session: Session, texts: readonly (string | Uint8Array)[]): Promise<Embedded> {
  const run = await session.run([textTensor(texts)], texts.length, PATIENT);
  const values = viewElements("FP32", run.outputs[0]?.data ?? new Uint8Array());
  const size = values.length / texts.length;
  return {
    ...run,
    vectors: texts.map((_, row) => [...values.subarray(row * size, (row + 1) * size)]),
    tokens: [...viewElements("INT32", run.outputs[1]?.data ?? new Uint8Array())],
  };
}

async function embed(texts: readonly string[], dir = model.dir): Promise<Embedded> {
  const session = await engine.load(manifest, dir);
  try {
    return await embedWith(session, texts);
  } finally {
    await session.close();
  }
}

/** The encoder, with its states put through a million products: far more than ten seconds. */
function slowGraph(): Graph {
  const { nodes, constants, ...graph } = tinyEncoderGraph();
  const states = { type: ELEMENT_TYPE.FP32, dims: ["batch", "length", width] };
  const body: Graph = {
    inputs: [
      { name: "i", type: ELEMENT_TYPE.INT64, dims: [] },
      { name: "go_on", type: ELEMENT_TYPE.BOOL, dims: [] },
      { name: "before", ...states },
    ],
    outputs: [
      { name: "still_go_on", type: ELEMENT_TYPE.BOOL, dims: [] },
      { name: "after", ...states },
    ],
    nodes: [
      { op: "Identity", inputs: ["go_on"], outputs: ["still_go_on"] },
      { op: "MatMul", inputs: ["before", "w0"], outputs: ["product"] },
      { op: "Tanh", inputs: ["product"], outputs: ["after"] },
    ],
  };
  return {
    ...graph,
    constants: { ...constants, times: [1_000_000_000] },
    nodes: [
      ...nodes.slice(0, -1),
      { op: "Loop", inputs: ["times", "", `h${TINY_ENCODER.layers}`], outputs: ["last_hidden_state"], body },
    ],
  };
}

const manifest = await tinyEncoderManifest();
const model: EngineModel = {
  manifest,
  dir: await modelFolder(),
  inputs: (rows) => [textTensor(TEXTS.slice(0, rows))],
};

const slowFolder = await modelFolder(slowGraph());
const garbageFolder = await modelFolder(undefined, { "onnx/model.onnx": "not a model" });

describeEngine("embeddings", async () => ({
  engine,
  model,
  slow: { ...model, dir: slowFolder },
  garbage: { ...model, dir: garbageFolder },
}));

describe("the embeddings engine", () => {
  it("offers the version of the runtime that answered", () => {
    expect(engine.offer).toEqual({
      engine: "embeddings",
      version: "1.30.0",
      execution_provider: "cpu",
      formats: ["embeddings"],
      sandbox: best.level,
    });
  });

  it("gives each text a vector of length 1, the same for the same text, and counts its tokens", async () => {
    const { vectors, tokens } = await embed(["hello", "a b, c", "hello", "HELLO"]);
    expect(tokens).toEqual([7, 6, 7, 7]);
    for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 6);
    expect(vectors[2]).toEqual(vectors[0]);
    expect(vectors[3]).toEqual(vectors[0]);
    expect(vectors[1]).not.toEqual(vectors[0]);
  });

  it("gives a text the same bits whatever texts are beside it, and on more threads", async () => {
    const session = await engine.load(manifest, model.dir);
    const together = await embedWith(session, TEXTS);
    const backwards = await embedWith(session, [...TEXTS].reverse());
    expect(backwards.vectors.reverse()).toEqual(together.vectors);
    for (const row of [0, 1, 7, 13, 22, 39]) {
      const alone = await embedWith(session, [TEXTS[row] ?? ""]);
      expect(alone.vectors).toEqual([together.vectors[row]]);
    }
    await session.close();
    const threaded = await createEmbeddingsEngine({ sandbox: best, threads: 2 });
    const other = await threaded.load(manifest, model.dir);
    expect((await embedWith(other, TEXTS)).vectors).toEqual(together.vectors);
    await other.close();
  });

  it("gives what the model itself says of a text that nothing fills up", async () => {
    // [CLS] h ##e ##l ##l ##o [SEP]
    const ids = [2, 17, 50, 57, 57, 60, 3].map(BigInt);
    const inputs = ["input_ids", "attention_mask", "token_type_ids"];
    const onnx = await createOnnxEngine({ sandbox: best, threads: 1 });
    const plain = onnxManifest(
      "onnx/model.onnx",
      inputs.map((name) => ({ name, datatype: "INT64", shape: [null, ids.length] })),
      [{ name: "last_hidden_state", datatype: "FP32", shape: [null, ids.length, width] }],
    );
    const session = await onnx.load(plain, model.dir);
    const values = { input_ids: ids, attention_mask: ids.map(() => 1n), token_type_ids: ids.map(() => 0n) };
    const tensors = Object.entries(values).map(
      ([name, value]): Tensor => ({
        ...{ name, datatype: "INT64", shape: [1, ids.length] },
        data: new Uint8Array(BigInt64Array.from(value).buffer),
      }),
    );
    const { outputs } = await session.run(tensors, 1, PATIENT);
    await session.close();
    const states = viewElements("FP32", outputs[0]?.data ?? new Uint8Array());
    const expected = poolStates(
      { values: states, width, tokens: ids.length },
      { pooling: "mean", normalize: true },
    );
    const { vectors } = await embed(["hello"]);
    expect(vectors[0]).toHaveLength(width);
    for (const [i, value] of (vectors[0] ?? []).entries()) expect(value).toBeCloseTo(expected[i] ?? 0, 5);
  });

  it("takes the vector of a model that pools by itself, and a model without types", async () => {
    const graph = tinyEncoderGraph();
    const dir = await modelFolder({
      ...graph,
      inputs: graph.inputs.slice(0, 2),
      outputs: [
        ...graph.outputs,
        { name: "sentence_embedding", type: ELEMENT_TYPE.FP32, dims: ["batch", width] },
      ],
      nodes: [
        ...graph.nodes.map((node) =>
          node.inputs.includes("token_type_ids") ? { ...node, inputs: ["types", "attention_mask"] } : node,
        ),
        {
          op: "ReduceMax",
          inputs: ["last_hidden_state"],
          outputs: ["sentence_embedding"],
          attributes: { axes: [1], keepdims: 0 },
        },
      ],
    });
    const { vectors, tokens } = await embed(["hello", "you"], dir);
    expect(tokens).toEqual([7, 5]);
    expect(vectors.map((vector) => vector.length)).toEqual([width, width]);
    expect(vectors).not.toEqual((await embed(["hello", "you"])).vectors);
  });

  it("takes texts up to the model's length, which need be no multiple of 32, and refuses others by their row", async () => {
    const session = await engine.load(await tinyEncoderManifest({ context_tokens: 50 }), model.dir);
    expect((await embedWith(session, ["x".repeat(48)])).tokens).toEqual([50]);
    for (const [text, message] of [
      ["x".repeat(49), /row 1 has 51 tokens; the model takes 50/],
      [Uint8Array.of(0xff), /row 1 is not UTF-8/],
    ] as const) {
      await expect(embedWith(session, ["fine", text])).rejects.toMatchObject({
        code: "input_mismatch",
        message: expect.stringMatching(message),
      });
    }
    await session.close();
  });

  it.each([
    [
      "has no tokenizer that can be read",
      async () => modelFolder(undefined, { "tokenizer.json": "{" }),
      /tokenizer.json/,
    ],
    [
      "is no encoder of texts",
      async () =>
        modelFolder({
          inputs: [{ name: "pixels", type: ELEMENT_TYPE.FP32, dims: ["n", 2] }],
          outputs: [{ name: "last_hidden_state", type: ELEMENT_TYPE.FP32, dims: ["n", 2] }],
          nodes: [{ op: "Identity", inputs: ["pixels"], outputs: ["last_hidden_state"] }],
        }),
      /no input 'input_ids', 'attention_mask'; it has 'pixels'/,
    ],
    [
      "gives no states",
      async () => {
        const graph = tinyEncoderGraph();
        return modelFolder({
          ...graph,
          outputs: graph.outputs.map((output) => ({ ...output, name: "logits" })),
          nodes: graph.nodes.map((node) => ({
            ...node,
            outputs: node.outputs.map((name) => (name === "last_hidden_state" ? "logits" : name)),
          })),
        });
      },
      /no output 'sentence_embedding', 'last_hidden_state'; it has 'logits'/,
    ],
  ])("does not load a model that %s", async (_, folderOf, message) => {
    const dir = await folderOf();
    await expect(engine.load(manifest, dir)).rejects.toMatchObject({
      code: "model_unloadable",
      message: expect.stringMatching(message),
    });
  });
});
