import type { PbfReader } from "pbf";
import { COUNT_LIMITS } from "../count-limits.ts";
import { Uncountable } from "../uncountable.ts";
import type { OnnxAttribute, OnnxNode } from "./onnx-model.ts";
import { readTensor } from "./read-tensor.ts";
import { readFloat, readInteger, readIntegers, readMessage, readName } from "./wire.ts";

/** What the nodes read so far hold, against the limits on all of them together. */
export interface NodeTally {
  edges: number;
  integers: number;
}

/** A NodeProto. Graphs in its attributes are noted and not read, so nothing here nests. */
export function readNode(reader: PbfReader, tally: NodeTally): OnnxNode {
  const node: OnnxNode = { operator: "", domain: "", inputs: [], outputs: [], attributes: new Map() };
  readMessage(reader, (field) => {
    switch (field) {
      case 1:
        node.inputs.push(readEdge(reader, tally));
        break;
      case 2:
        node.outputs.push(readEdge(reader, tally));
        break;
      case 4:
        node.operator = readName(reader);
        break;
      case 5:
        readAttribute(reader, node, tally);
        break;
      case 7:
        node.domain = readName(reader);
    }
  });
  return node;
}

function readEdge(reader: PbfReader, tally: NodeTally): string {
  tally.edges++;
  if (tally.edges > COUNT_LIMITS.edges_max)
    throw new Uncountable(`has more than ${COUNT_LIMITS.edges_max} inputs and outputs of nodes`);
  return readName(reader);
}

function readAttribute(reader: PbfReader, node: OnnxNode, tally: NodeTally): void {
  const attribute: OnnxAttribute = {
    integer: 0,
    float: 0,
    text: "",
    integers: [],
    tensor: null,
    graph: false,
    reference: false,
  };
  let name = "";
  readMessage(reader, (field) => {
    if (field === 1) name = readName(reader);
    else readAttributeField(reader, field, attribute);
  });
  tally.integers += attribute.integers.length;
  if (tally.integers > COUNT_LIMITS.attribute_integers_total_max)
    throw new Uncountable(`has more than ${COUNT_LIMITS.attribute_integers_total_max} numbers in attributes`);
  if (node.attributes.has(name)) throw new Uncountable(`has a node with two attributes named ${name}`);
  node.attributes.set(name, attribute);
  if (node.attributes.size > COUNT_LIMITS.attributes_per_node_max)
    throw new Uncountable(`has a node of more than ${COUNT_LIMITS.attributes_per_node_max} attributes`);
}

function readAttributeField(reader: PbfReader, field: number, attribute: OnnxAttribute): void {
  switch (field) {
    case 2:
      attribute.float = readFloat(reader);
      return;
    case 3:
      attribute.integer = readInteger(reader);
      return;
    case 4:
      attribute.text = readName(reader);
      return;
    case 5:
      if (attribute.tensor !== null) throw new Uncountable("has an attribute of two tensors");
      attribute.tensor = readTensor(reader);
      return;
    case 6:
    case 11:
      attribute.graph = true;
      return;
    case 8:
      readIntegers(reader, attribute.integers, COUNT_LIMITS.attribute_integers_max, tooManyIntegers);
      return;
    case 21:
      attribute.reference = readName(reader) !== "";
  }
}

function tooManyIntegers(): never {
  throw new Uncountable(`has an attribute of more than ${COUNT_LIMITS.attribute_integers_max} numbers`);
}
