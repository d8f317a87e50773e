import { elementCount, type Tensor } from "@infernet/schemas/tensor";
import { frameBytes } from "@infernet/schemas/tensor-bytes";
import { isFixed } from "@infernet/schemas/tensor-elements";
import { rowBytes, rowCount } from "@infernet/schemas/tensor-rows";

/** Four bytes at a time where both lie at multiples of four: this runs over every audited row. */
export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.byteLength !== b.byteLength) return false;
  if (a.byteOffset % 4 !== 0 || b.byteOffset % 4 !== 0) return rangesEqual(a, 0, b, 0, a.byteLength);
  const words = a.byteLength >> 2;
  const x = new Uint32Array(a.buffer, a.byteOffset, words);
  const y = new Uint32Array(b.buffer, b.byteOffset, words);
  for (let i = 0; i < words; i++) if (x[i] !== y[i]) return false;
  return rangesEqual(a, words * 4, b, words * 4, a.byteLength - words * 4);
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
