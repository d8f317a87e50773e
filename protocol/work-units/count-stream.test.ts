import fc from "fast-check";
import { PbfWriter } from "pbf";
import { expect, test } from "vitest";
import { COUNT_LIMITS } from "./count-limits.ts";
import { countOperations, type OnnxCount } from "./count-onnx.ts";
import { countStream } from "./count-stream.ts";
import { WeightTrimmer } from "./onnx/weight-trimmer.ts";
import { buildOnnx, integers, node, weights } from "./testing/build-onnx.ts";
import { operationsOf, reasonOf } from "./testing/count-one.ts";
import { GLYPHS_INPUTS, glyphsModel } from "./testing/glyphs-model.ts";

const glyphs = glyphsModel();
const x4 = [{ name: "x", shape: [null, 4] }];

async function* chunksOf(file: Uint8Array, bytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.length; at += bytes) yield file.subarray(at, at + bytes);
}

function trim(file: Uint8Array, chunk = 1 << 16): Uint8Array {
  const trimmer = new WeightTrimmer();
  for (let at = 0; at < file.length; at += chunk) trimmer.push(file.subarray(at, at + chunk));
  return trimmer.finish();
}

/** A model of one MatMul, with its weights in a field of the tensor. */
const withData = (field: number, bytes: Uint8Array, dims = [4, 5]): Uint8Array =>
  buildOnnx({
    inputs: [{ name: "x", dims: ["n", 4] }],
    constants: [{ ...weights("w", dims), data: { field, bytes } }],
    nodes: [node("MatMul", ["x", "w"], "y")],
  });

test("a file in chunks of any size is counted as it is whole", async () => {
  const whole = countOperations(glyphs, GLYPHS_INPUTS);
  expect(operationsOf(whole)).toBe(3_201_795n);
  for (const bytes of [1, 2, 3, 7, 64, 1_000, glyphs.length])
    expect(await countStream(chunksOf(glyphs, bytes), GLYPHS_INPUTS)).toEqual(whole);
});

test("what is kept of a file is small, however large its weights, and counts the same", () => {
  for (const field of [4, 9]) {
    const file = withData(field, new Uint8Array(8_000_000));
    const small = trim(file);
    expect(small.length).toBeLessThan(COUNT_LIMITS.bytes_per_tensor_kept + 200);
    expect(countOperations(small, x4)).toEqual(countOperations(file, x4));
    expect(operationsOf(countOperations(small, x4))).toBe(40n);
  }
});

test("values that a shape depends on are kept", () => {
  const values = Array.from({ length: COUNT_LIMITS.values_per_tensor_max }, () => 1);
  const file = buildOnnx({
    inputs: [{ name: "x", dims: ["n", 4] }],
    constants: [integers("s", [...values.slice(0, 6), -1, 4])],
    nodes: [node("Reshape", ["x", "s"], "h"), node("Relu", ["h"], "y")],
  });
  expect(trim(file)).toEqual(file);
  expect(operationsOf(countOperations(trim(file), x4))).toBe(4n);
});

test("data of another length than the dimensions say are no values, cut or whole", () => {
  for (const bytes of [COUNT_LIMITS.bytes_per_tensor_kept, COUNT_LIMITS.bytes_per_tensor_kept + 1, 5_000]) {
    const file = withData(9, new Uint8Array(bytes), [4, 1]);
    expect(countOperations(trim(file), x4)).toEqual(countOperations(file, x4));
  }
});

test("a file with too much besides its weights is uncountable", async () => {
  const file = new PbfWriter();
  file.writeStringField(6, "n".repeat(COUNT_LIMITS.bytes_besides_weights_max));
  expect(reasonOf(await countStream(chunksOf(file.finish(), 65_536), x4))).toBe(
    "the model has more than 4194304 bytes besides its weights",
  );
  const empty = new Uint8Array(COUNT_LIMITS.bytes_besides_weights_max + 2);
  for (let at = 0; at < empty.length; at += 2) empty[at] = 6 * 8 + 2;
  expect(reasonOf(await countStream(chunksOf(empty, 65_536), x4))).toContain("besides its weights");
});

test("a source that fails is not taken for a model's fault", async () => {
  const failing = async function* (): AsyncGenerator<Uint8Array> {
    yield glyphs.subarray(0, 100);
    throw new Error("the store is away");
  };
  await expect(countStream(failing(), GLYPHS_INPUTS)).rejects.toThrow("the store is away");
});

/** Both counts agree, or both found that there is none. */
async function agrees(file: Uint8Array, chunk: number): Promise<void> {
  const whole = countOperations(file, GLYPHS_INPUTS);
  const streamed: OnnxCount = await countStream(chunksOf(file, chunk), GLYPHS_INPUTS);
  if (whole.kind === "counted") expect(streamed).toEqual(whole);
  else expect(streamed.kind).toBe("uncountable");
}

test("a model with some bytes changed is counted in chunks as it is whole", async () => {
  const change = fc.tuple(fc.nat(glyphs.length - 1), fc.integer({ min: 0, max: 255 }));
  const chunk = fc.integer({ min: 1, max: 4_000 });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), chunk, async (changes, bytes) => {
      const file = glyphs.slice();
      for (const [at, byte] of changes) file[at] = byte;
      await agrees(file, bytes);
    }),
    { numRuns: 2_000 },
  );
});

test("a model cut short at any byte is counted in chunks as it is whole", async () => {
  for (let end = 0; end < glyphs.length; end++) await agrees(glyphs.subarray(0, end), 512);
});

test("bytes at random are refused, in chunks too", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
      expect((await countStream(chunksOf(bytes, 16), GLYPHS_INPUTS)).kind).toBe("uncountable");
    }),
  );
});
