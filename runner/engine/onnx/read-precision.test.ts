import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import onnxProto from "onnx-proto";
import { expect, it } from "vitest";
import { readPrecision } from "./read-precision.ts";

const { onnx } = onnxProto;
const { DataType } = onnx.TensorProto;
const GLYPHS = fileURLToPath(new URL("../../../e2e/fixtures/glyphs/model.onnx", import.meta.url));

const nodes = (operators: string[]) => operators.map((opType) => ({ opType }));
const encode = (operators: string[], dataType: number = DataType.FLOAT): Uint8Array =>
  onnx.ModelProto.encode({
    irVersion: 8,
    graph: {
      node: nodes(operators),
      initializer: [{ name: "w", dims: [2], dataType, rawData: new Uint8Array(8) }],
    },
  }).finish();

it("calls a model of integers and single products exact", () => {
  const model = encode(["QuantizeLinear", "QLinearMatMul", "DequantizeLinear"], DataType.INT8);
  expect(readPrecision(model)).toBe("int8");
  expect(readPrecision(encode(["DynamicQuantizeLinear", "MatMulInteger", "Cast", "Mul"]))).toBe("int8");
});

it("says where floats are summed between 8-bit steps", () => {
  for (const sum of ["Add", "MatMul", "Softmax", "ReduceMean", "LayerNormalization"])
    expect(readPrecision(encode(["DynamicQuantizeLinear", "MatMulInteger", sum]))).toBe("int8+fp32");
  expect(readPrecision(encode(["DequantizeLinear", "MatMul"], DataType.FLOAT16))).toBe("int8+fp16");
});

it("says which half precision the constants are of", () => {
  expect(readPrecision(encode(["MatMul"], DataType.FLOAT16))).toBe("fp16");
  expect(readPrecision(encode(["MatMul"], DataType.BFLOAT16))).toBe("bf16");
});

it("looks into the bodies of loops and branches, and into functions", () => {
  const body = { node: nodes(["MatMulInteger", "Tanh"]) };
  const loop = onnx.ModelProto.encode({
    graph: { node: [{ opType: "Loop", attribute: [{ name: "body", g: body }] }] },
  }).finish();
  expect(readPrecision(loop)).toBe("int8+fp32");
  const constant = {
    name: "value",
    t: { dims: [1], dataType: DataType.FLOAT16, rawData: new Uint8Array(2) },
  };
  const inAttribute = onnx.ModelProto.encode({
    graph: { node: [{ opType: "Constant", attribute: [constant] }] },
  }).finish();
  expect(readPrecision(inAttribute)).toBe("fp16");
});

it("leaves it to the inputs and outputs where nothing else says more", async () => {
  expect(readPrecision(encode(["MatMul", "Add"]))).toBeNull();
  expect(readPrecision(await readFile(GLYPHS))).toBeNull();
});

it("says nothing of bytes that are no ONNX file, whatever they are", () => {
  const model = encode(["MatMulInteger", "Add"]);
  for (let length = 0; length < model.length; length++)
    expect(["int8", "int8+fp32", null]).toContain(readPrecision(model.subarray(0, length)));
  expect(readPrecision(new TextEncoder().encode("this is not a model"))).toBeNull();
  expect(readPrecision(new Uint8Array(64).fill(255))).toBeNull();
});
