import { type KnownTensor, shaped, valued } from "./known-tensor.ts";
import type { DeclaredDim, OnnxGraph, OnnxModel, OnnxNode, OnnxValueInfo } from "./onnx/onnx-model.ts";
import type { Operator, OperatorCall } from "./operators/operator.ts";
import { OPERATORS } from "./operators/operator-table.ts";
import { assertShape } from "./tensor-shape.ts";
import { Uncountable } from "./uncountable.ts";

/** An input of the model as its manifest describes it: null stands for the rows. */
export interface RowInput {
  name: string;
  shape: readonly (number | null)[];
}

export interface GraphCount {
  operations: bigint;
  by_operator: Map<string, bigint>;
  /** Tensors whose shape was taken from the file's word, since it depends on what the model computes. */
  declared_shapes: number;
}

/** What is known at one place of the graph. */
interface Walk {
  model: OnnxModel;
  known: Map<string, KnownTensor>;
  declared: ReadonlyMap<string, readonly DeclaredDim[]>;
  /** Sizes of the dimensions that the file names. */
  symbols: ReadonlyMap<string, number>;
  count: GraphCount;
}

/**
 * Walks the nodes in their order, from the shapes of the inputs with `rows` rows, and adds up what each costs.
 *
 * @throws Uncountable when a node's cost or the shape of what it makes cannot be told
 */
export function countGraph(model: OnnxModel, inputs: readonly RowInput[], rows: number): GraphCount {
  const walk = startWalk(model, inputs, rows);
  for (const node of model.graph.nodes) {
    try {
      takeNode(walk, node);
    } catch (error) {
      if (!(error instanceof Uncountable)) throw error;
      throw new Uncountable(
        `'s ${node.operator} that makes ${node.outputs[0] ?? "nothing"} ${error.message}`,
      );
    }
  }
  return walk.count;
}

function startWalk(model: OnnxModel, inputs: readonly RowInput[], rows: number): Walk {
  const { graph } = model;
  const known = new Map<string, KnownTensor>();
  for (const { name, dims, element_type, numbers } of graph.initializers) {
    assertShape(dims);
    known.set(name, numbers === null ? shaped(dims) : valued(dims, element_type, numbers));
  }
  const fed = new Map(
    inputs.map(({ name, shape }) => [name, shaped(shape.map((dim) => dim ?? rows))] as const),
  );
  const symbols = readInputs(graph, fed, known);
  for (const [name, tensor] of fed) {
    if (!graph.inputs.some((input) => input.name === name)) throw new Uncountable(`has no input ${name}`);
    assertShape(tensor.shape);
    known.set(name, tensor);
  }
  const count = { operations: 0n, by_operator: new Map<string, bigint>(), declared_shapes: 0 };
  return { model, known, declared: listDeclared(graph), symbols, count };
}

/** Holds the inputs against what the file declares of them, and reads from them how large its named dimensions are. */
function readInputs(
  graph: OnnxGraph,
  fed: ReadonlyMap<string, KnownTensor>,
  constants: ReadonlyMap<string, KnownTensor>,
): Map<string, number> {
  const symbols = new Map<string, number>();
  for (const { name, dims } of graph.inputs) {
    const tensor = fed.get(name);
    if (tensor === undefined && constants.has(name)) continue;
    if (tensor === undefined) throw new Uncountable(`has an input ${name}, which the manifest lacks`);
    const fits =
      dims === null || (dims.length === tensor.shape.length && dims.every(fitsAt(tensor, symbols)));
    if (!fits) throw new Uncountable(`takes ${describeDims(dims)} as ${name}, not [${tensor.shape}]`);
  }
  return symbols;
}

const fitsAt =
  (tensor: KnownTensor, symbols: Map<string, number>) => (declared: DeclaredDim, axis: number) => {
    const dim = tensor.shape[axis];
    if (declared === null || dim === undefined) return dim !== undefined;
    if (typeof declared === "number") return declared === dim;
    const size = symbols.get(declared) ?? dim;
    symbols.set(declared, size);
    return size === dim;
  };

const describeDims = (dims: readonly DeclaredDim[]): string => `[${dims.map((dim) => dim ?? "?")}]`;

function listDeclared(graph: OnnxGraph): Map<string, readonly DeclaredDim[]> {
  const described = [...graph.value_infos, ...graph.outputs];
  return new Map(described.flatMap(({ name, dims }: OnnxValueInfo) => (dims === null ? [] : [[name, dims]])));
}

function takeNode(walk: Walk, node: OnnxNode): void {
  const operator = findOperator(walk.model, node);
  const call = readCall(walk, node);
  const made = operator.infer(call) ?? declaredOutputs(walk, node);
  for (const { shape } of made) assertShape(shape);
  node.outputs.forEach((name, index) => {
    if (name === "") return;
    const tensor = made[index];
    if (tensor === undefined) throw new Uncountable(`has ${node.outputs.length} outputs`);
    if (walk.known.has(name)) throw new Uncountable("makes what is there already");
    walk.known.set(name, tensor);
  });
  const operations = operator.operations(
    call,
    made.map(({ shape }) => shape),
  );
  walk.count.operations += operations;
  walk.count.by_operator.set(node.operator, (walk.count.by_operator.get(node.operator) ?? 0n) + operations);
}

function findOperator({ functions }: OnnxModel, node: OnnxNode): Operator {
  const operator = OPERATORS.get(node.operator);
  const own = node.domain === "" || node.domain === "ai.onnx";
  if (!own) throw new Uncountable(`is of the domain ${node.domain}, whose operators are not counted`);
  if (functions.has(`:${node.operator}`) || functions.has(`ai.onnx:${node.operator}`))
    throw new Uncountable("is a function that the file defines");
  const attributes = [...node.attributes.values()];
  if (attributes.some((attribute) => attribute.graph))
    throw new Uncountable("holds a graph: how often it runs is not known beforehand");
  if (attributes.some((attribute) => attribute.reference))
    throw new Uncountable("has an attribute that only a function has");
  if (operator === undefined) throw new Uncountable("is not among the operators that are counted");
  return operator;
}

function readCall({ known }: Walk, node: OnnxNode): OperatorCall {
  const inputs = node.inputs.map((name) => {
    if (name === "") return null;
    const tensor = known.get(name);
    if (tensor === undefined) throw new Uncountable(`takes ${name}, which nothing before it makes`);
    return tensor;
  });
  return { inputs, outputs: node.outputs.length, attributes: node.attributes };
}

/** The outputs as the file declares them. */
function declaredOutputs(walk: Walk, node: OnnxNode): KnownTensor[] {
  return node.outputs.map((name) => {
    if (name === "") return shaped([]);
    const shape = walk.declared.get(name)?.map((dim) => {
      const size = typeof dim === "string" ? walk.symbols.get(dim) : dim;
      if (size === undefined || size === null) throw unknownShape();
      return size;
    });
    if (shape === undefined) throw unknownShape();
    walk.count.declared_shapes++;
    return shaped(shape);
  });
}

const unknownShape = () => new Uncountable("has an output whose shape is known only when the model runs");
