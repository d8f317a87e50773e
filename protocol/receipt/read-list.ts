import type { Tensor, TensorSpec } from "@infernet/schemas/tensor";
import { isFixed, numbersOf } from "@infernet/schemas/tensor-elements";
import { parseTensorJson } from "@infernet/schemas/tensor-json";

type Row = Readonly<Record<string, unknown>>;

/** Objects of a result merged as a `list`, one a row. Throws when the bytes are no such list. */
export function parseList(bytes: Uint8Array): Row[] {
  const list: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  if (!Array.isArray(list) || !list.every(isRow)) throw new TypeError("not a list of one object a row");
  return list;
}

const isRow = (row: unknown): row is Row => typeof row === "object" && row !== null;

/**
 * The tensors that rows of a list were rendered from. Throws where they cannot be told: text that held JSON stands in the
 * list as what it meant, and not as it was written.
 */
export function readListRows(rows: readonly Row[], specs: readonly TensorSpec[]): Tensor[] {
  return specs.map(({ name, datatype }) => {
    const data = rows.map((row) => row[name]);
    return parseTensorJson({ name, datatype, shape: [rows.length, ...shapeOf(data[0])], data }, "");
  });
}

function shapeOf(value: unknown): number[] {
  return Array.isArray(value) ? [value.length, ...shapeOf(value[0])] : [];
}

/** Whether JSON holds every element exactly: minus zero and the kinds of NaN are lost in it. */
export const isExactInJson = (tensors: readonly Tensor[]): boolean =>
  tensors.every((tensor) => {
    if (!isFixed(tensor)) return false;
    if (!tensor.datatype.startsWith("FP")) return true;
    const numbers = numbersOf(tensor.datatype, tensor.data);
    for (let i = 0; i < numbers.length; i++) if (numbers[i] === 0 || Number.isNaN(numbers[i])) return false;
    return true;
  });
