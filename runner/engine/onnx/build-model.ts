import { writeFile } from "node:fs/promises";
import onnxProto from "onnx-proto";

const { onnx } = onnxProto;

/** A value of the graph: its ONNX element type (TensorProto.DataType) and dimensions, a string for a free one. */
export interface GraphValue {
  name: string;
  type: number;
  dims: (number | string)[];
}

export interface GraphNode {
  op: string;
  inputs: string[];
  outputs: string[];
  /** Integers only: what the operators of these tests take. */
  attributes?: Record<string, number | number[]>;
  /** The body of a Loop. */
  body?: Graph;
}

export interface Graph {
  inputs: GraphValue[];
  outputs: GraphValue[];
  nodes: GraphNode[];
  /** INT64 constants, by name. */
  constants?: Record<string, number[]>;
  /** FP32 constants. */
  floats?: Record<string, { dims: number[]; values: Float32Array }>;
  /** FP32 constants that lie in a file of their own beside the model. */
  external?: Record<string, { path: string; dims: number[] }>;
}

export const ELEMENT_TYPE = { FP32: 1, INT64: 7, STRING: 8, BOOL: 9, FP16: 10 } as const;

/** Writes a small ONNX model for tests that need one of a certain behaviour. */
export const buildModel = (path: string, graph: Graph, opset = 17): Promise<void> =>
  writeFile(path, encodeModel(graph, opset));

/** Its bytes. */
export function encodeModel(graph: Graph, opset = 17): Uint8Array<ArrayBuffer> {
  const model = onnx.ModelProto.create({
    irVersion: 8,
    producerName: "infernet-test",
    opsetImport: [{ domain: "", version: opset }],
    graph: renderGraph(graph, "test"),
  });
  return new Uint8Array(onnx.ModelProto.encode(model).finish());
}

const { AttributeType } = onnx.AttributeProto;

function renderGraph(graph: Graph, name: string): onnxProto.onnx.IGraphProto {
  return {
    name,
    input: graph.inputs.map(renderValue),
    output: graph.outputs.map(renderValue),
    initializer: [
      ...Object.entries(graph.constants ?? {}).map(([name, values]) => ({
        name,
        dims: [values.length],
        dataType: ELEMENT_TYPE.INT64,
        rawData: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
      })),
      ...Object.entries(graph.floats ?? {}).map(([name, { dims, values }]) => ({
        name,
        dims,
        dataType: ELEMENT_TYPE.FP32,
        rawData: new Uint8Array(values.slice().buffer),
      })),
      ...Object.entries(graph.external ?? {}).map(([name, { path, dims }]) => ({
        name,
        dims,
        dataType: ELEMENT_TYPE.FP32,
        dataLocation: onnx.TensorProto.DataLocation.EXTERNAL,
        externalData: [{ key: "location", value: path }],
      })),
    ],
    node: graph.nodes.map(({ op, inputs, outputs, attributes, body }, i) => ({
      opType: op,
      name: `${name}_${i}`,
      input: inputs,
      output: outputs,
      attribute: [
        ...Object.entries(attributes ?? {}).map(([name, value]) =>
          Array.isArray(value)
            ? { name, ints: value, type: AttributeType.INTS }
            : { name, i: value, type: AttributeType.INT },
        ),
        ...(body ? [{ name: "body", g: renderGraph(body, "body"), type: AttributeType.GRAPH }] : []),
      ],
    })),
  };
}

const renderValue = ({ name, type, dims }: GraphValue) => ({
  name,
  type: {
    tensorType: {
      elemType: type,
      shape: { dim: dims.map((dim) => (typeof dim === "string" ? { dimParam: dim } : { dimValue: dim })) },
    },
  },
});
