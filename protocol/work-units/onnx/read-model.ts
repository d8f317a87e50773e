import { PbfReader } from "pbf";
import { COUNT_LIMITS } from "../count-limits.ts";
import { Uncountable } from "../uncountable.ts";
import type { OnnxGraph, OnnxModel } from "./onnx-model.ts";
import { type NodeTally, readNode } from "./read-node.ts";
import { readTensor } from "./read-tensor.ts";
import { readValueInfo } from "./read-value-info.ts";
import { readFields, readMessage, readName } from "./wire.ts";

/**
 * What a count needs of an ONNX file (onnx.proto of https://github.com/onnx/onnx, whose field numbers these are). Weights
 * are skipped where they lie. The nesting is fixed, so no file makes this recurse.
 *
 * @throws Uncountable, or an Error of the reader, when the file is malformed or beyond COUNT_LIMITS
 */
export function readModel(file: Uint8Array): OnnxModel {
  const reader = new PbfReader(file);
  const functions = new Set<string>();
  let graph: OnnxGraph | null = null;
  readFields(reader, reader.length, (field) => {
    if (field === 7) {
      if (graph !== null) throw new Uncountable("has two graphs");
      graph = readGraph(reader);
    }
    if (field === 25) addLimited(functions, readFunctionName(reader), COUNT_LIMITS.functions_max);
  });
  if (graph === null) throw new Uncountable("has no graph");
  return { graph, functions };
}

function readGraph(reader: PbfReader): OnnxGraph {
  const graph: OnnxGraph = { nodes: [], initializers: [], inputs: [], outputs: [], value_infos: [] };
  const tally: NodeTally = { edges: 0, integers: 0 };
  readMessage(reader, (field) => {
    switch (field) {
      case 1:
        return push(graph.nodes, readNode(reader, tally), COUNT_LIMITS.nodes_max, "nodes");
      case 5:
        return push(graph.initializers, readTensor(reader), COUNT_LIMITS.initializers_max, "initializers");
      case 11:
        return push(graph.inputs, readValueInfo(reader), COUNT_LIMITS.value_infos_max, "inputs");
      case 12:
        return push(graph.outputs, readValueInfo(reader), COUNT_LIMITS.value_infos_max, "outputs");
      case 13:
        return push(graph.value_infos, readValueInfo(reader), COUNT_LIMITS.value_infos_max, "shapes");
      case 15:
        throw new Uncountable("has sparse initializers");
    }
  });
  return graph;
}

function push<T>(list: T[], item: T, max: number, what: string): void {
  list.push(item);
  if (list.length > max) throw new Uncountable(`has more than ${max} ${what}`);
}

/** FunctionProto: an operator that the file defines itself. */
function readFunctionName(reader: PbfReader): string {
  let name = "";
  let domain = "";
  readMessage(reader, (field) => {
    if (field === 1) name = readName(reader);
    if (field === 10) domain = readName(reader);
  });
  return `${domain}:${name}`;
}

function addLimited(names: Set<string>, name: string, max: number): void {
  names.add(name);
  if (names.size > max) throw new Uncountable(`has more than ${max} functions`);
}
