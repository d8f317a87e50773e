import { InfernetError } from "@infernet/schemas/errors";
import { ModelManifest } from "@infernet/schemas/model";
import type { Tensor } from "@infernet/schemas/tensor";
import { expect, test } from "vitest";
import { renderOpenaiError } from "../v1/openai-error.ts";
import { EmbeddingsRequest } from "./embeddings-request.ts";
import { parseEmbeddings } from "./parse-embeddings.ts";
import { readVectors, renderEmbeddings } from "./render-embeddings.ts";

const manifest = ModelManifest.parse({
  engine: "embeddings",
  entry: "onnx/model.onnx",
  files: [{ path: "onnx/model.onnx", sha256: "a".repeat(64), bytes: 1 }],
  inputs: [{ name: "text", datatype: "BYTES", shape: [null] }],
  outputs: [
    { name: "embedding", datatype: "FP32", shape: [null, 3] },
    { name: "tokens", datatype: "INT32", shape: [null] },
  ],
  embeddings: { context_tokens: 64, parameters: "1000" },
});

const textsOf = (changes: object): string[] =>
  parseEmbeddings(EmbeddingsRequest.parse({ model: "tiny", input: "x", ...changes }), manifest);

test("a text or several are a row each, in order", () => {
  expect(textsOf({})).toEqual(["x"]);
  expect(textsOf({ input: ["a", "b"], dimensions: 3, user: "u" })).toEqual(["a", "b"]);
});

test.each([
  [{ input: [1, 2, 3] }, "input", "unsupported_parameter"],
  [{ input: [[1, 2], [3]] }, "input", "unsupported_parameter"],
  [{ dimensions: 2 }, "dimensions", "unsupported_parameter"],
  [{ input: ["a", ""] }, "input[1]", "invalid_value"],
  [{ input: ["a", null] }, "input[1]", "invalid_value"],
])("%j is refused by the member at fault", (changes, param, code) => {
  let refused: unknown = null;
  try {
    textsOf(changes);
  } catch (error) {
    if (error instanceof InfernetError) refused = renderOpenaiError(error).body.error;
  }
  expect(refused).toMatchObject({ param, code });
});

test("vectors are told as numbers, or as the bytes of little-endian floats, with the tokens of their texts", () => {
  const floats = new Float32Array([1, 2, 3, 0.1, -0.5, 4]);
  const outputs: Tensor[] = [
    { name: "tokens", datatype: "INT32", shape: [2], data: new Uint8Array(new Int32Array([4, 6]).buffer) },
    { name: "embedding", datatype: "FP32", shape: [2, 3], data: new Uint8Array(floats.buffer) },
  ];
  const vectors = readVectors(outputs);
  const numbers = renderEmbeddings(vectors, { start: 0, count: 2 }, { model: "m", encoding: "float" });
  expect(numbers.data.map(({ embedding }) => embedding)).toEqual([
    [1, 2, 3],
    [Math.fround(0.1), -0.5, 4],
  ]);
  expect(numbers.usage).toEqual({ prompt_tokens: 10, total_tokens: 10 });
  const one = renderEmbeddings(vectors, { start: 1, count: 1 }, { model: "m", encoding: "base64" });
  const [{ embedding, index } = { embedding: "", index: -1 }] = one.data;
  expect(index).toBe(0);
  const bytes = Uint8Array.from(atob(String(embedding)), (char) => char.charCodeAt(0));
  expect([...new Float32Array(bytes.buffer)]).toEqual([Math.fround(0.1), -0.5, 4]);
});
