import { PbfWriter } from "pbf";
import { ELEMENT } from "../onnx/onnx-model.ts";

/** A number is an INT, a list INTS, text a STRING, a constant a TENSOR, and "graph" an empty GRAPH. */
export type SampleAttribute = number | number[] | string | SampleConstant | { graph: true };

export interface SampleConstant {
  name: string;
  dims: number[];
  element_type: number;
  /** INT64 values, or none: a count needs only the dimensions of weights. */
  integers: number[];
  /** Bytes in another field of the data, as 9 for `raw_data`. */
  data?: { field: number; bytes: Uint8Array };
}

export interface SampleNode {
  operator: string;
  inputs: string[];
  outputs: string[];
  attributes: Record<string, SampleAttribute>;
  domain: string;
}

export interface SampleTensor {
  name: string;
  dims: (number | string | null)[];
}

export interface SampleGraph {
  inputs: SampleTensor[];
  nodes: SampleNode[];
  constants?: SampleConstant[];
  /** Declared shapes. */
  shapes?: SampleTensor[];
  /** Names of operators that the file defines itself. */
  functions?: string[];
}

export const node = (
  operator: string,
  inputs: string[],
  outputs: string | string[],
  attributes: Record<string, SampleAttribute> = {},
  domain = "",
): SampleNode => ({ operator, inputs, outputs: [outputs].flat(), attributes, domain });

export const weights = (
  name: string,
  dims: number[],
  element_type: number = ELEMENT.FLOAT,
): SampleConstant => ({
  name,
  dims,
  element_type,
  integers: [],
});

export const integers = (name: string, values: number[]): SampleConstant => ({
  name,
  dims: [values.length],
  element_type: ELEMENT.INT64,
  integers: values,
});

export const integer = (name: string, value: number): SampleConstant => ({
  name,
  dims: [],
  element_type: ELEMENT.INT64,
  integers: [value],
});

/** An ONNX file (onnx.proto of https://github.com/onnx/onnx, whose field numbers these are). */
export function buildOnnx({
  inputs,
  nodes,
  constants = [],
  shapes = [],
  functions = [],
}: SampleGraph): Uint8Array {
  const writer = new PbfWriter();
  writer.writeVarintField(1, 7);
  writer.writeMessage(
    7,
    (_, graph) => {
      for (const item of nodes) graph.writeMessage(1, writeNode, item);
      for (const item of constants) graph.writeMessage(5, writeConstant, item);
      for (const item of inputs) graph.writeMessage(11, writeTensor, item);
      for (const item of shapes) graph.writeMessage(13, writeTensor, item);
    },
    null,
  );
  for (const name of functions) writer.writeMessage(25, (text, own) => own.writeStringField(1, text), name);
  return writer.finish().slice();
}

function writeNode(item: SampleNode, writer: PbfWriter): void {
  for (const name of item.inputs) writer.writeStringField(1, name);
  for (const name of item.outputs) writer.writeStringField(2, name);
  writer.writeStringField(4, item.operator);
  for (const attribute of Object.entries(item.attributes)) writer.writeMessage(5, writeAttribute, attribute);
  if (item.domain !== "") writer.writeStringField(7, item.domain);
}

function writeAttribute([name, value]: [string, SampleAttribute], writer: PbfWriter): void {
  writer.writeStringField(1, name);
  if (typeof value === "number") writer.writeVarintField(3, value);
  else if (typeof value === "string") writer.writeStringField(4, value);
  else if (Array.isArray(value)) for (const number of value) writer.writeVarintField(8, number);
  else if ("graph" in value) writer.writeMessage(6, () => {}, null);
  else writer.writeMessage(5, writeConstant, value);
}

function writeConstant(
  { name, dims, element_type, integers: values, data }: SampleConstant,
  writer: PbfWriter,
): void {
  writer.writePackedVarint(1, dims);
  writer.writeVarintField(2, element_type);
  writer.writePackedVarint(7, values);
  writer.writeStringField(8, name);
  if (data !== undefined) writer.writeBytesField(data.field, data.bytes);
}

function writeTensor({ name, dims }: SampleTensor, writer: PbfWriter): void {
  writer.writeStringField(1, name);
  writer.writeMessage(2, writeTensorType, dims);
}

/** TypeProto, its tensor_type, that one's shape, and its dimensions. */
function writeTensorType(dims: SampleTensor["dims"], writer: PbfWriter): void {
  writer.writeMessage(
    1,
    (_, type) => {
      type.writeVarintField(1, ELEMENT.FLOAT);
      type.writeMessage(2, writeShape, dims);
    },
    null,
  );
}

function writeShape(dims: SampleTensor["dims"], writer: PbfWriter): void {
  for (const dim of dims) writer.writeMessage(1, writeDim, dim);
}

function writeDim(dim: number | string | null, writer: PbfWriter): void {
  if (typeof dim === "number") writer.writeVarintField(1, dim);
  if (typeof dim === "string") writer.writeStringField(2, dim);
}
