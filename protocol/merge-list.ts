import type { Bytes } from "@infernet/schemas/digest";
import { InfernetError } from "@infernet/schemas/errors";
import { LIMITS } from "@infernet/schemas/limits";
import { elementCount, type Tensor } from "@infernet/schemas/tensor";
import { renderTensorJson } from "@infernet/schemas/tensor-json";
import { rowCount } from "@infernet/schemas/tensor-rows";

const encoder = new TextEncoder();

/**
 * A JSON array with one object a row, each output's name with the row's value: a number, boolean or string, or those
 * nested as the row's shape says. Values are as in `renderTensorJson`, but BYTES that hold a JSON object or array
 * become that object or array; all other text stays a string, whatever it looks like.
 *
 * @param outputs for each output of the model, its part from every shard in row order
 * @throws InfernetError result_too_large as soon as the list is, output_invalid for BYTES that are not UTF-8
 */
export function renderList(outputs: readonly (readonly Tensor[])[]): Bytes {
  const shards = outputs[0]?.length ?? 0;
  const parts: Bytes[] = [];
  let size = 2;
  for (let shard = 0; shard < shards; shard++) {
    const rows = renderShard(outputs.map((parts) => parts[shard]).filter((part) => part !== undefined));
    if (rows === "") continue;
    const bytes = encoder.encode(parts.length ? `,${rows}` : rows);
    size += bytes.length;
    if (size > LIMITS.result_bytes_max)
      throw new InfernetError(
        "result_too_large",
        `As a list the result is over ${LIMITS.result_bytes_max} bytes; merge "concat" is several times smaller.`,
      );
    parts.push(bytes);
  }
  return join([encoder.encode("["), ...parts, encoder.encode("]")], size);
}

/** The objects of one shard's rows, with commas between them. */
function renderShard(tensors: readonly Tensor[]): string {
  const columns = tensors.map((tensor) => ({ key: JSON.stringify(tensor.name), values: rowValues(tensor) }));
  const rows = tensors[0] ? rowCount(tensors[0]) : 0;
  return Array.from({ length: rows }, (_, row) => {
    const members = columns.map(({ key, values }) => `${key}:${JSON.stringify(values(row))}`);
    return `{${members.join()}}`;
  }).join();
}

/** A row's value by its index. */
function rowValues(tensor: Tensor): (row: number) => unknown {
  const elements: readonly unknown[] =
    tensor.datatype === "BYTES" ? texts(tensor) : renderTensorJson(tensor).data;
  const nest = (shape: readonly number[], offset: number): unknown => {
    const [size, ...inner] = shape;
    if (size === undefined) return elements[offset];
    const step = elementCount(inner);
    if (inner.length === 0) return elements.slice(offset, offset + size);
    return Array.from({ length: size }, (_, i) => nest(inner, offset + i * step));
  };
  const rowShape = tensor.shape.slice(1);
  const step = elementCount(rowShape);
  return (row) => nest(rowShape, row * step);
}

function texts(tensor: Tensor): unknown[] {
  try {
    return renderTensorJson(tensor).data.map(parseStructure);
  } catch (error) {
    if (!(error instanceof InfernetError)) throw error;
    throw new InfernetError("output_invalid", `${error.message} Use merge "concat".`);
  }
}

/** Text that is a JSON object or array as its value; any other as it is. */
function parseStructure(text: unknown): unknown {
  if (typeof text !== "string" || !/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function join(parts: readonly Bytes[], size: number): Bytes {
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
