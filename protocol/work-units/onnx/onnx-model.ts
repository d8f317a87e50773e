/** The element types of TensorProto.DataType whose values are followed (https://onnx.ai/onnx/repo-docs/IR.html). */
export const ELEMENT = { FLOAT: 1, INT32: 6, INT64: 7, STRING: 8, BOOL: 9 } as const;

/** A tensor of the file: its dimensions, and its numbers where they are few and of a type that a shape may depend on. */
export interface OnnxTensor {
  name: string;
  dims: number[];
  element_type: number;
  /** Integers beyond 2^53 are infinite. Null where they are not followed. */
  numbers: number[] | null;
}

/** The fields of an attribute that a count may depend on. */
export interface OnnxAttribute {
  integer: number;
  float: number;
  text: string;
  integers: number[];
  tensor: OnnxTensor | null;
  /** Set where it holds a graph, as those of control flow do. */
  graph: boolean;
  /** Set where its value is an argument of a function. */
  reference: boolean;
}

export interface OnnxNode {
  operator: string;
  domain: string;
  /** Names; "" for one left out. */
  inputs: string[];
  outputs: string[];
  attributes: Map<string, OnnxAttribute>;
}

/** A declared dimension: a number, the name of one that varies, or null. */
export type DeclaredDim = number | string | null;

export interface OnnxValueInfo {
  name: string;
  /** Null for what is no tensor or has no declared shape. */
  dims: DeclaredDim[] | null;
}

export interface OnnxGraph {
  nodes: OnnxNode[];
  initializers: OnnxTensor[];
  inputs: OnnxValueInfo[];
  outputs: OnnxValueInfo[];
  value_infos: OnnxValueInfo[];
}

export interface OnnxModel {
  graph: OnnxGraph;
  /** The operators that the file defines itself, as `domain:name`. */
  functions: Set<string>;
}
