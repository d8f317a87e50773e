import fc from "fast-check";
import { PbfWriter } from "pbf";
import { expect, test } from "vitest";
import { COUNT_LIMITS } from "./count-limits.ts";
import { countOperations } from "./count-onnx.ts";
import { OPERATORS } from "./operators/operator-table.ts";
import { buildOnnx, integers, node, weights } from "./testing/build-onnx.ts";
import { countOne, reasonOf } from "./testing/count-one.ts";
import { GLYPHS_INPUTS, glyphsModel } from "./testing/glyphs-model.ts";

const glyphs = glyphsModel();
const x4 = [{ name: "x", shape: [null, 4] }];
const inputs = [{ name: "x", dims: ["n", 4] }];

/** Counts, and holds that the answer is one of the two. */
function counts(file: Uint8Array): void {
  const count = countOperations(file, GLYPHS_INPUTS);
  if (count.kind === "uncountable") expect(count.reason).toMatch(/^the model/);
  else expect(count.operations_per_row).toBeGreaterThanOrEqual(0n);
}

test("a model with some bytes changed is counted or refused, and throws nothing", () => {
  const change = fc.tuple(fc.nat(glyphs.length - 1), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
      const file = glyphs.slice();
      for (const [at, byte] of changes) file[at] = byte;
      counts(file);
    }),
    { numRuns: 2_000 },
  );
});

test("a model cut short at any byte is counted or refused", () => {
  for (let end = 0; end < glyphs.length; end++) counts(glyphs.subarray(0, end));
});

test("a model with a part left out, or repeated, is counted or refused", () => {
  fc.assert(
    fc.property(fc.nat(glyphs.length), fc.nat(64), fc.boolean(), (at, length, repeated) => {
      const rest = glyphs.subarray(repeated ? at : at + length);
      counts(Uint8Array.from([...glyphs.subarray(0, repeated ? at + length : at), ...rest]));
    }),
    { numRuns: 500 },
  );
});

test("bytes at random are refused", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      expect(countOperations(bytes, GLYPHS_INPUTS).kind).toBe("uncountable");
    }),
  );
});

test("any operator on any shapes and attributes is counted or refused", () => {
  const dim = fc.constantFrom(0, 1, 2, 3, 4, 6, 20, 2 ** 31, 2 ** 52);
  const shape = fc.array(dim, { maxLength: 5 });
  const number = fc.constantFrom(-(2 ** 53), -3, -1, 0, 1, 2, 3, 2 ** 53);
  const constant = fc.array(number, { maxLength: 5 }).map((values) => integers("i", values));
  const name = fc.constantFrom(
    "axis",
    "axes",
    "perm",
    "kernel_shape",
    "strides",
    "group",
    "k",
    "blocksize",
    "to",
  );
  const value = fc.oneof(
    number,
    fc.array(number, { maxLength: 4 }),
    fc.constantFrom("", "linear", "ij,jk->ik"),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...OPERATORS.keys()),
      shape,
      fc.array(fc.oneof(shape, constant, fc.constant(null)), { maxLength: 4 }),
      fc.dictionary(name, value, { maxKeys: 3 }),
      (operator, x, more, attributes) => {
        const count = countOne(operator, { x, more, attributes });
        if (count.kind === "counted") expect(count.operations_per_row).toBeGreaterThanOrEqual(0n);
        else expect(count.reason).not.toBe("the model is malformed or cut short");
      },
    ),
    { numRuns: 3_000 },
  );
});

test("what is beyond a limit is refused", () => {
  const many = Array.from({ length: COUNT_LIMITS.nodes_max + 1 }, (_, i) => node("Relu", ["x"], `y${i}`));
  expect(reasonOf(countOperations(buildOnnx({ inputs, nodes: many }), x4))).toBe(
    "the model has more than 20000 nodes",
  );
  const long = node("Relu", ["x"], "y".repeat(COUNT_LIMITS.name_bytes_max + 1));
  expect(reasonOf(countOperations(buildOnnx({ inputs, nodes: [long] }), x4))).toContain(
    "a name above 1024 bytes",
  );
  const deep = weights(
    "w",
    Array.from({ length: 17 }, () => 1),
  );
  expect(reasonOf(countOperations(buildOnnx({ inputs, nodes: [], constants: [deep] }), x4))).toContain(
    "more than 16 dimensions",
  );
  const wide = weights("w", [2 ** 40, 2 ** 40]);
  expect(reasonOf(countOperations(buildOnnx({ inputs, nodes: [], constants: [wide] }), x4))).toContain(
    "too large to count",
  );
});

test("values that the engine would wrap are not followed", () => {
  const half = integers("half", [2 ** 52, 2 ** 52]);
  const file = buildOnnx({
    inputs,
    constants: [half],
    nodes: [node("Mul", ["half", "half"], "target"), node("Expand", ["x", "target"], "y")],
  });
  expect(reasonOf(countOperations(file, x4))).toContain("known only when the model runs");
});

test("a second graph is refused: readers join the two", () => {
  const file = buildOnnx({ inputs, nodes: [node("Relu", ["x"], "y")] });
  expect(reasonOf(countOperations(Uint8Array.from([...file, ...file]), x4))).toBe("the model has two graphs");
});

test("weights are stepped over, wherever they lie and however many", () => {
  const tensor = new PbfWriter();
  tensor.writePackedVarint(1, [1_000, 1_000]);
  tensor.writeVarintField(2, 1);
  tensor.writeBytesField(9, new Uint8Array(4_000_000));
  tensor.writeStringField(8, "w");
  const graph = new PbfWriter();
  graph.writeBytesField(5, tensor.finish());
  const model = new PbfWriter();
  model.writeBytesField(7, graph.finish());
  const count = countOperations(model.finish(), []);
  expect(count).toMatchObject({ kind: "counted", operations_per_row: 0n, parameters: 1_000_000n });
});
