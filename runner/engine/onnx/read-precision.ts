import { type OnnxContents, readContents } from "./read-contents.ts";

/** Element types of TensorProto.DataType. */
const ELEMENT = { fp16: 10, bf16: 16 } as const;

/** Operators on 8-bit or narrower integers, and those that turn floats into them and back. */
const QUANTIZED = /^(QLinear|Quantize|Dequantize|DynamicQuantize|QAttention|QGemm|MatMulNBits)|Integer/;

/**
 * Operators after which every machine has the same bits: integers, moved or compared values, and single products, which
 * IEEE 754 rounds in one way. Sums of floats are not among them: some machines fuse one into the product before it.
 */
const EXACT = new Set(
  (
    "MatMulInteger ConvInteger QLinearMatMul QLinearConv QuantizeLinear DequantizeLinear DynamicQuantizeLinear " +
    "Cast Mul Relu Clip Max Min Abs Neg MaxPool GlobalMaxPool ReduceMax ReduceMin ArgMax ArgMin TopK Equal Greater Less " +
    "Where Not And Or Reshape Flatten Squeeze Unsqueeze Transpose Concat Slice Split Gather GatherElements Expand Tile " +
    "Pad Shape Identity Constant ConstantOfShape"
  ).split(" "),
);

/**
 * The arithmetic inside an ONNX model, from its operators and constants: `int8` where every step is exact, `int8+fp32` or
 * `int8+fp16` where floats are summed between 8-bit steps, `bf16` or `fp16` where constants are of that type. Null where
 * the types of inputs and outputs say it all.
 */
export function decidePrecision(found: OnnxContents): string | null {
  const half = found.elements.has(ELEMENT.fp16) ? "fp16" : found.elements.has(ELEMENT.bf16) ? "bf16" : null;
  const operators = [...found.operators];
  if (!operators.some((name) => QUANTIZED.test(name))) return half;
  return operators.every((name) => EXACT.has(name)) ? "int8" : `int8+${half ?? "fp32"}`;
}

/** `decidePrecision` of a model's entry file; null where it is no ONNX protobuf. */
export function readPrecision(file: Uint8Array): string | null {
  const contents = readContents(file);
  return contents && decidePrecision(contents);
}
