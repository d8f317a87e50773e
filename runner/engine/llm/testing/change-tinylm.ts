import { writeFileSync } from "node:fs";
import { cp, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import onnxProto from "onnx-proto";
import { TINYLM_DIR } from "./tinylm.ts";

const { onnx } = onnxProto;
const { FLOAT, FLOAT16, INT64 } = onnx.TensorProto.DataType;

type Graph = onnxProto.onnx.GraphProto;

/** A folder with a copy of the test model whose graph is another. */
export async function changeTinylm(change: (graph: Graph, dir: string) => void): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "infernet-tinylm-"));
  await cp(TINYLM_DIR, dir, { recursive: true });
  const file = join(dir, "onnx", "model.onnx");
  const model = onnx.ModelProto.decode(await readFile(file));
  const graph = onnx.GraphProto.create(model.graph ?? {});
  change(graph, dir);
  await writeFile(file, onnx.ModelProto.encode(onnx.ModelProto.create({ ...model, graph })).finish());
  return dir;
}

/** Its attention looks at all there is, and so wants no gaps. */
export function ignoreMask(graph: Graph): void {
  renameInputs(graph, (name) => (name === "attention_mask" ? "all" : name));
  graph.node = [
    { opType: "Shape", input: ["attention_mask"], output: ["all_shape"] },
    {
      opType: "ConstantOfShape",
      input: ["all_shape"],
      output: ["all"],
      attribute: [
        {
          name: "value",
          type: onnx.AttributeProto.AttributeType.TENSOR,
          t: { dims: [1], dataType: INT64, rawData: new Uint8Array(BigInt64Array.of(1n).buffer) },
        },
      ],
    },
    ...(graph.node ?? []),
  ];
}

/** Keys and values are handed in and out in half precision. */
export function halveCache(graph: Graph): void {
  const isPast = (name: string): boolean => name.startsWith("past_key_values");
  const isPresent = (name: string): boolean => name.startsWith("present");
  renameInputs(graph, (name) => (isPast(name) || isPresent(name) ? `${name}.whole` : name));
  for (const node of graph.node ?? [])
    node.output = (node.output ?? []).map((name) => (isPresent(name) ? `${name}.whole` : name));
  const cast = (input: string, output: string, to: number) => ({
    ...{ opType: "Cast", input: [input], output: [output] },
    attribute: [{ name: "to", i: to, type: onnx.AttributeProto.AttributeType.INT }],
  });
  const pasts = (graph.input ?? []).filter(({ name }) => isPast(name ?? ""));
  const presents = (graph.output ?? []).filter(({ name }) => name !== "logits");
  for (const { type } of [...pasts, ...presents]) if (type?.tensorType) type.tensorType.elemType = FLOAT16;
  graph.node = [
    ...pasts.map(({ name }) => cast(name ?? "", `${name}.whole`, FLOAT)),
    ...(graph.node ?? []),
    ...presents.map(({ name }) => cast(`${name}.whole`, name ?? "", FLOAT16)),
  ];
}

/** Its weights lie in a file of their own. */
export function moveWeights(graph: Graph, dir: string): void {
  const weights: Uint8Array[] = [];
  let offset = 0;
  for (const tensor of graph.initializer ?? []) {
    const { rawData } = tensor;
    if (!rawData || rawData.length < 1_024) continue;
    const place = { location: "model.onnx_data", offset: String(offset), length: String(rawData.length) };
    tensor.dataLocation = onnx.TensorProto.DataLocation.EXTERNAL;
    tensor.externalData = Object.entries(place).map(([key, value]) => ({ key, value }));
    tensor.rawData = new Uint8Array();
    weights.push(rawData);
    offset += rawData.length;
  }
  writeFileSync(join(dir, "onnx", "model.onnx_data"), Buffer.concat(weights));
}

/** It is without an input. */
export const dropInput =
  (dropped: string) =>
  (graph: Graph): void => {
    graph.input = (graph.input ?? []).filter(({ name }) => name !== dropped);
    renameInputs(graph, (name) => (name === dropped ? "input_ids" : name));
  };

function renameInputs(graph: Graph, rename: (name: string) => string): void {
  for (const node of graph.node ?? []) node.input = (node.input ?? []).map(rename);
}

/**
 * Its feed-forward layers are so many times as wide, and what is new of them is 0: the text of a small model, at the cost of a
 * larger one.
 */
export const widen =
  (times: number) =>
  (graph: Graph): void => {
    for (const tensor of graph.initializer ?? []) {
      const [rows = 0, columns = 0] = (tensor.dims ?? []).map(Number);
      if (rows === FEED_FORWARD) {
        tensor.dims = [rows * times, columns];
        tensor.rawData = padRows(tensor.rawData, 1, times);
      } else if (columns === FEED_FORWARD) {
        tensor.dims = [rows, columns * times];
        tensor.rawData = padRows(tensor.rawData, rows, times);
      }
    }
  };

/** `intermediate_size` of its config. */
const FEED_FORWARD = 352;

/** Each row followed by zeros. */
function padRows(data: Uint8Array | null | undefined, rows: number, times: number): Uint8Array {
  const before = data ?? new Uint8Array();
  const width = before.length / rows;
  const padded = new Uint8Array(before.length * times);
  for (let row = 0; row < rows; row += 1)
    padded.set(before.subarray(row * width, (row + 1) * width), row * width * times);
  return padded;
}
