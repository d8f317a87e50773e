import { elementCount, type Tensor } from "@infernet/schemas/tensor";
import { frameBytes } from "@infernet/schemas/tensor-bytes";
import { isFixed } from "@infernet/schemas/tensor-elements";
import { rowBytes, rowCount } from "@infernet/schemas/tensor-rows";

export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && rangesEqual(a, 0, b, 0, a.byteLength);
}

/** The rows of two tensors of one datatype and shape whose bytes differ; all of them where BYTES are framed wrongly. */
export function listUnequalRows(a: Tensor, b: Tensor): number[] {
  const rows = Array.from({ length: rowCount(a) }, (_, row) => row);
  const ofA = rowOffsets(a);
  const ofB = rowOffsets(b);
  if (ofA === null || ofB === null) return rows;
  return rows.filter((row) => {
    const length = ofA(row + 1) - ofA(row);
    return length !== ofB(row + 1) - ofB(row) || !rangesEqual(a.data, ofA(row), b.data, ofB(row), length);
  });
}

function rowOffsets(tensor: Tensor): ((row: number) => number) | null {
  if (isFixed(tensor)) {
    const size = rowBytes(tensor.datatype, tensor.shape);
    return (row) => row * size;
  }
  const width = elementCount(tensor.shape.slice(1));
  const offsets = frameBytes(tensor.data, elementCount(tensor.shape));
  return offsets && ((row) => offsets[row * width] ?? 0);
}

function rangesEqual(a: Uint8Array, atA: number, b: Uint8Array, atB: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[atA + i] !== b[atB + i]) return false;
  return true;
}
