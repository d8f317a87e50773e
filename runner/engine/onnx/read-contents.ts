import { type Field, readFields } from "./read-fields.ts";

/** Field numbers of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto). */
const MODEL = { graph: 7, functions: 25 } as const;
const GRAPH = { node: 1, initializer: 5 } as const;
const FUNCTION = { node: 7 } as const;
const NODE = { opType: 4, attribute: 5 } as const;
const ATTRIBUTE = { tensor: 5, graph: 6, tensors: 10, graphs: 11 } as const;
const TENSOR = { dataType: 2 } as const;

/** What an ONNX file is made of, in its graph, in the bodies of loops and branches, and in the functions it defines. */
export interface OnnxContents {
  /** Names of operators, without their domains. */
  operators: ReadonlySet<string>;
  /** Types of its constants' elements, as numbers of TensorProto.DataType. */
  elements: ReadonlySet<number>;
}

/** @returns null for bytes that are no ONNX protobuf */
export function readContents(file: Uint8Array): OnnxContents | null {
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
  return found;
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
