import { type Field, readFields } from "./read-fields.ts";

/** Field numbers of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto) and element types of TensorProto. */
const MODEL = { graph: 7, functions: 25 } as const;
const GRAPH = { node: 1, initializer: 5 } as const;
const FUNCTION = { node: 7 } as const;
const NODE = { opType: 4, attribute: 5 } as const;
const ATTRIBUTE = { tensor: 5, graph: 6, tensors: 10, graphs: 11 } as const;
const TENSOR = { dataType: 2 } as const;
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
 * the types of inputs and outputs say it all, and where the file is no ONNX protobuf.
 *
 * @param file the model's entry file
 */
export function readPrecision(file: Uint8Array): string | null {
  const found: Found = { operators: new Set(), elements: new Set() };
  try {
    for (const field of readFields(file)) {
      if (field.number === MODEL.graph) readGraph(field, found);
      if (field.number === MODEL.functions) readNodes(field, FUNCTION.node, found);
    }
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
  const half = found.elements.has(ELEMENT.fp16) ? "fp16" : found.elements.has(ELEMENT.bf16) ? "bf16" : null;
  const operators = [...found.operators];
  if (!operators.some((name) => QUANTIZED.test(name))) return half;
  return operators.every((name) => EXACT.has(name)) ? "int8" : `int8+${half ?? "fp32"}`;
}

interface Found {
  operators: Set<string>;
  elements: Set<number>;
}

function readGraph(graph: Field, found: Found): void {
  readNodes(graph, GRAPH.node, found);
  for (const field of readFields(graph.bytes))
    if (field.number === GRAPH.initializer) readTensor(field, found);
}

function readNodes(holder: Field, nodes: number, found: Found): void {
  for (const node of readFields(holder.bytes)) {
    if (node.number !== nodes) continue;
    for (const field of readFields(node.bytes)) {
      if (field.number === NODE.opType) found.operators.add(new TextDecoder().decode(field.bytes));
      if (field.number === NODE.attribute) readAttribute(field, found);
    }
  }
}

function readAttribute(attribute: Field, found: Found): void {
  for (const field of readFields(attribute.bytes)) {
    if (field.number === ATTRIBUTE.graph || field.number === ATTRIBUTE.graphs) readGraph(field, found);
    if (field.number === ATTRIBUTE.tensor || field.number === ATTRIBUTE.tensors) readTensor(field, found);
  }
}

function readTensor(tensor: Field, found: Found): void {
  for (const { number, value } of readFields(tensor.bytes))
    if (number === TENSOR.dataType) found.elements.add(value);
}
