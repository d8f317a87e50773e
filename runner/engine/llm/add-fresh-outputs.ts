/** Field numbers of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto). */
const MODEL = { graph: 7 } as const;
const GRAPH = { node: 1, initializer: 5, output: 12 } as const;
const NODE = { input: 1, output: 2, name: 3, opType: 4 } as const;
const TENSOR = { dims: 1, dataType: 2, name: 8, rawData: 9 } as const;
const VALUE_INFO = { name: 1, type: 2 } as const;
const TYPE = { tensor: 1 } as const;
const TENSOR_TYPE = { elementType: 1 } as const;

const INT64 = 7;
const END = (1n << 63n) - 1n;

/** Begins the names of what is added. */
const FRESH = "infernet.";

/** What `addFreshOutputs` calls the new positions of one of a decoder's `present.*`. */
export const freshName = (present: string): string => `${FRESH}${present}`;

/**
 * A decoder hands out keys and values of all positions, when only those of the new tokens are new: copying the others out of
 * every call takes a third of a step. This adds outputs that are the last positions of each `present.*`, as many as there are
 * in `input_ids`. Protobuf messages that follow each other are one, their lists joined, so what is added stands at the end.
 *
 * @param model an ONNX file with operators of version 13 or later
 * @param presents outputs of shape [rows, heads, positions, width]
 * @param elementType of them, as a number of TensorProto.DataType
 */
export function addFreshOutputs(
  model: Uint8Array,
  presents: readonly string[],
  elementType: number,
): Uint8Array {
  const [shape, one, axis, end, count, start] = ["shape", "one", "axis", "end", "count", "start"].map(
    (name) => `${FRESH}${name}`,
  ) as [string, string, string, string, string, string];
  const graph = [
    ...constant(one, 1n),
    ...constant(axis, 2n),
    ...constant(end, END),
    ...node("Shape", ["input_ids"], shape),
    ...node("Gather", [shape, one], count),
    ...node("Neg", [count], start),
    ...presents.flatMap((present) => [
      ...node("Slice", [present, start, end, axis], freshName(present)),
      ...output(freshName(present), elementType),
    ]),
  ];
  const added = bytesField(MODEL.graph, graph);
  const whole = new Uint8Array(model.length + added.length);
  whole.set(model);
  whole.set(added, model.length);
  return whole;
}

const node = (operator: string, inputs: readonly string[], name: string): number[] =>
  bytesField(GRAPH.node, [
    ...inputs.flatMap((input) => textField(NODE.input, input)),
    ...textField(NODE.output, name),
    ...textField(NODE.name, name),
    ...textField(NODE.opType, operator),
  ]);

const constant = (name: string, value: bigint): number[] =>
  bytesField(GRAPH.initializer, [
    ...numberField(TENSOR.dims, 1),
    ...numberField(TENSOR.dataType, INT64),
    ...textField(TENSOR.name, name),
    ...bytesField(TENSOR.rawData, [...new Uint8Array(BigInt64Array.of(value).buffer)]),
  ]);

const output = (name: string, elementType: number): number[] =>
  bytesField(GRAPH.output, [
    ...textField(VALUE_INFO.name, name),
    ...bytesField(
      VALUE_INFO.type,
      bytesField(TYPE.tensor, numberField(TENSOR_TYPE.elementType, elementType)),
    ),
  ]);

/** https://protobuf.dev/programming-guides/encoding/ */
const numberField = (number: number, value: number): number[] => [number << 3, ...varint(value)];
const bytesField = (number: number, bytes: readonly number[]): number[] => [
  (number << 3) | 2,
  ...varint(bytes.length),
  ...bytes,
];
const textField = (number: number, text: string): number[] =>
  bytesField(number, [...new TextEncoder().encode(text)]);

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return bytes;
}
