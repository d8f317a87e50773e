import { type Datatype, ELEMENT_BYTES, elementCount, type Tensor } from "./tensor.ts";
import { frameBytes } from "./tensor-bytes.ts";
import { isFixed } from "./tensor-elements.ts";

/** Rows of a tensor: its first dimension. */
export const rowCount = (tensor: { shape: readonly number[] }): number => tensor.shape[0] ?? 0;

const rowShape = (shape: readonly number[]): number[] => shape.slice(1);

/** Bytes of one row of a fixed-size tensor: what a range request for rows is computed from. */
export const rowBytes = (datatype: Exclude<Datatype, "BYTES">, shape: readonly number[]): number =>
  elementCount(rowShape(shape)) * ELEMENT_BYTES[datatype];

/** Rows `start` to `start + count` as a view of the same bytes. Throws RangeError when there are fewer. */
export const sliceRows = (tensor: Tensor, start: number, count: number): Tensor =>
  cutRows(tensor)({ start, count });

/**
 * The rows of all ranges, one after the other: a view of the same bytes when there is one range, else a copy. Throws
 * RangeError when a range reaches beyond the tensor or there is none.
 */
export const gatherRows = (tensor: Tensor, ranges: readonly Rows[]): Tensor =>
  concatRows(ranges.map(cutRows(tensor)));

/** The bytes of each row, as views. Throws RangeError when BYTES are not framed as their shape says. */
export function splitRows(tensor: Tensor): Tensor["data"][] {
  const offsetOf = rowOffsets(tensor);
  return Array.from({ length: rowCount(tensor) }, (_, row) =>
    tensor.data.subarray(offsetOf(row), offsetOf(row + 1)),
  );
}

interface Rows {
  start: number;
  count: number;
}

/** Cuts ranges out of one tensor, whose bytes are measured once. */
function cutRows(tensor: Tensor): (range: Rows) => Tensor {
  const rows = rowCount(tensor);
  const offsetOf = rowOffsets(tensor);
  return ({ start, count }) => {
    if (start < 0 || count < 0 || start + count > rows)
      throw new RangeError(
        `rows ${start} to ${start + count} are not all among the ${rows} of '${tensor.name}'`,
      );
    const data = tensor.data.subarray(offsetOf(start), offsetOf(start + count));
    return { ...tensor, shape: [count, ...rowShape(tensor.shape)], data };
  };
}

/** Where a row's bytes begin. */
function rowOffsets(tensor: Tensor): (row: number) => number | undefined {
  if (isFixed(tensor)) {
    const size = rowBytes(tensor.datatype, tensor.shape);
    return (row) => row * size;
  }
  const width = elementCount(rowShape(tensor.shape));
  const offsets = frameBytes(tensor.data, elementCount(tensor.shape));
  if (!offsets) throw new RangeError(`the BYTES of '${tensor.name}' do not fit its shape`);
  return (row) => offsets[row * width];
}

/**
 * Joins tensors of one name, datatype and row shape along the rows; a single one is returned as it is.
 * Throws RangeError when they differ or there are none.
 */
export function concatRows(tensors: readonly Tensor[]): Tensor {
  const [first] = tensors;
  if (!first) throw new RangeError("there are no tensors to join");
  for (const tensor of tensors) assertSameRows(first, tensor);
  if (tensors.length === 1) return first;
  const data = new Uint8Array(tensors.reduce((sum, tensor) => sum + tensor.data.byteLength, 0));
  let offset = 0;
  for (const tensor of tensors) {
    data.set(tensor.data, offset);
    offset += tensor.data.byteLength;
  }
  const rows = tensors.reduce((sum, tensor) => sum + rowCount(tensor), 0);
  return { ...first, shape: [rows, ...rowShape(first.shape)], data };
}

function assertSameRows(a: Tensor, b: Tensor): void {
  const describe = (tensor: Tensor) => `'${tensor.name}' ${tensor.datatype}[*,${rowShape(tensor.shape)}]`;
  if (describe(a) !== describe(b)) throw new RangeError(`${describe(b)} cannot be joined to ${describe(a)}`);
}
