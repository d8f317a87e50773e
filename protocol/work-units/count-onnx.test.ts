import { expect, test } from "vitest";
import { countOperations } from "./count-onnx.ts";
import { ELEMENT } from "./onnx/onnx-model.ts";
import { buildOnnx, integer, integers, node, weights } from "./testing/build-onnx.ts";
import { operationsOf, reasonOf } from "./testing/count-one.ts";
import { GLYPHS_INPUTS, glyphsModel } from "./testing/glyphs-model.ts";

const x = (...dims: (number | null)[]) => [{ name: "x", shape: [null, ...dims] }];
const rowsOf = (...dims: number[]) => [{ name: "x", dims: ["n", ...dims] }];

test("a trained network costs what its layers add up to by hand", () => {
  const convolutions = [
    12_544 * (2 * 1 * 9 + 1), // 16 images of 28 x 28, each number from 1 channel x 3 x 3, and a bias
    6_272 * (2 * 16 * 9 + 1), // 32 of 14 x 14, from 16 channels
    1_568 * (2 * 32 * 9 + 1), // 32 of 7 x 7, from 32 channels
  ].reduce((sum, layer) => sum + layer);
  const dense = 64 * (2 * 1_568 + 1) + 35 * (2 * 64 + 1);
  const relu = 12_544 + 6_272 + 1_568 + 64;
  const pools = 3_136 * 4 + 1_568 * 4;
  const scaling = 2 * 784;
  expect(convolutions + dense + relu + pools + scaling).toBe(3_201_795);
  expect(countOperations(glyphsModel(), GLYPHS_INPUTS)).toEqual({
    kind: "counted",
    operations_per_row: 3_201_795n,
    parameters: 160n + 4_640n + 9_248n + 100_416n + 2_275n,
    by_operator: new Map([
      ["Constant", 0n],
      ["Div", 784n],
      ["Sub", 784n],
      ["Conv", BigInt(convolutions)],
      ["Relu", BigInt(relu)],
      ["MaxPool", BigInt(pools)],
      ["Flatten", 0n],
      ["Gemm", BigInt(dense)],
    ]),
    declared_shapes: 0,
  });
});

test("shapes are followed through the arithmetic that exporters write for them", () => {
  // x [n, 4, 6] -> Reshape to [n, -1] by way of Shape, Gather, Unsqueeze and Concat -> MatMul [24, 5]
  const file = buildOnnx({
    inputs: rowsOf(4, 6),
    constants: [integer("zero", 0), integers("axes", [0]), integers("rest", [-1]), weights("w", [24, 5])],
    nodes: [
      node("Shape", ["x"], "s"),
      node("Gather", ["s", "zero"], "rows"),
      node("Unsqueeze", ["rows", "axes"], "listed"),
      node("Concat", ["listed", "rest"], "target", { axis: 0 }),
      node("Reshape", ["x", "target"], "flat"),
      node("MatMul", ["flat", "w"], "y"),
    ],
  });
  const count = countOperations(file, x(4, 6));
  // one element gathered, two concatenated, and 5 x 2 x 24
  expect(operationsOf(count)).toBe(1n + 2n + 240n);
});

test("a declared shape is taken, and said to be, where the model computes one", () => {
  const graph = {
    inputs: rowsOf(4),
    nodes: [node("Cast", ["x"], "target", { to: ELEMENT.INT64 }), node("Expand", ["x", "target"], "y")],
  };
  expect(reasonOf(countOperations(buildOnnx(graph), x(4)))).toBe(
    "the model's Expand that makes y has an output whose shape is known only when the model runs",
  );
  const declared = buildOnnx({ ...graph, shapes: [{ name: "y", dims: ["n", 4] }] });
  expect(countOperations(declared, x(4))).toMatchObject({ operations_per_row: 8n, declared_shapes: 1 });
});

test("what a file declares does not stand against what its operators make", () => {
  const file = buildOnnx({
    inputs: rowsOf(4),
    constants: [weights("w", [4, 5])],
    nodes: [node("MatMul", ["x", "w"], "y")],
    shapes: [{ name: "y", dims: [1, 1] }],
  });
  expect(countOperations(file, x(4))).toMatchObject({ operations_per_row: 40n, declared_shapes: 0 });
});

test("parameters are the elements of weights, and no indices", () => {
  const file = buildOnnx({
    inputs: rowsOf(4),
    constants: [weights("w", [4, 5]), weights("b", [5]), integers("s", [-1, 5])],
    nodes: [node("Gemm", ["x", "w", "b"], "h"), node("Reshape", ["h", "s"], "y")],
  });
  expect(countOperations(file, x(4))).toMatchObject({ parameters: 25n });
});

test("a model that takes a fixed number of rows costs a row its share, rounded up", () => {
  const file = buildOnnx({
    inputs: [{ name: "x", dims: [3, 5] }],
    constants: [integer("one", 1)],
    nodes: [
      node("Relu", ["x"], "h"),
      node("ReduceSum", ["h"], "y", { keepdims: 0 }),
      node("Relu", ["y"], "z"),
    ],
  });
  expect(countOperations(file, x(5))).toMatchObject({ operations_per_row: 11n }); // 15 + 15 + 1, by three
});

test("a model whose rows cost more together than one by one is uncountable", () => {
  const file = buildOnnx({
    inputs: rowsOf(4),
    nodes: [node("Transpose", ["x"], "t"), node("MatMul", ["x", "t"], "y")],
  });
  expect(reasonOf(countOperations(file, x(4)))).toBe(
    "the model takes 40 operations for 2 rows together and 12 for one: more than the rows one by one",
  );
  expect(operationsOf(countOperations(file, x(4), 1))).toBe(4n + 8n);
});

test("a model exported for one row at a time is counted for one row at a time", () => {
  const file = buildOnnx({
    inputs: rowsOf(4),
    constants: [integers("s", [1, 2, 2])],
    nodes: [node("Reshape", ["x", "s"], "h"), node("Relu", ["h"], "y")],
  });
  expect(operationsOf(countOperations(file, x(4), 1))).toBe(4n);
  expect(reasonOf(countOperations(file, x(4)))).toBe(
    "the model's Reshape that makes h reshapes [2,4] to [1,2,2] (in a batch of 2 rows)",
  );
});

test("inputs must be those of the file", () => {
  const file = buildOnnx({ inputs: rowsOf(4), nodes: [node("Relu", ["x"], "y")] });
  expect(reasonOf(countOperations(file, []))).toBe("the model has an input x, which the manifest lacks");
  expect(reasonOf(countOperations(file, x(5)))).toBe("the model takes [n,4] as x, not [1,5]");
  expect(reasonOf(countOperations(file, [...x(4), { name: "z", shape: [1] }]))).toBe(
    "the model has no input z",
  );
});

test("a constant that a job may feed is no constant", () => {
  const file = buildOnnx({
    inputs: [...rowsOf(4), { name: "s", dims: [2] }],
    constants: [integers("s", [-1, 1])],
    nodes: [node("Reshape", ["x", "s"], "y")],
  });
  expect(operationsOf(countOperations(file, x(4)))).toBe(0n);
  expect(reasonOf(countOperations(file, [...x(4), { name: "s", shape: [2] }]))).toContain("known only when");
});

test.each([
  ["control flow", node("If", ["x"], "y", { then_branch: { graph: true } }), "holds a graph"],
  ["another domain", node("Attention", ["x"], "y", {}, "com.microsoft"), "is of the domain com.microsoft"],
  ["an unknown operator", node("constructor", ["x"], "y"), "is not among the operators"],
  ["an unknown input", node("Relu", ["z"], "y"), "takes z, which nothing before it makes"],
  ["a second maker", node("Relu", ["x"], "x"), "makes what is there already"],
  ["too many outputs", node("Relu", ["x"], ["y", "z"]), "has 2 outputs"],
  ["a missing input", node("Add", ["x"], "y"), "lacks its input 1"],
  ["a hostile attribute", node("Constant", [], "y", { constructor: 1 }), "has no value that is followed"],
])("%s is uncountable, and the reason names the node", (_, item, reason) => {
  const count = countOperations(buildOnnx({ inputs: rowsOf(4), nodes: [item] }), x(4));
  expect(reasonOf(count)).toMatch(
    new RegExp(`^the model's ${item.operator} that makes ${item.outputs[0]} ${reason}`),
  );
});

test("an operator that the file redefines is uncountable", () => {
  const file = buildOnnx({ inputs: rowsOf(4), nodes: [node("Relu", ["x"], "y")], functions: ["Relu"] });
  expect(reasonOf(countOperations(file, x(4)))).toContain("is a function that the file defines");
});
