import { LIMITS } from "../limits.ts";
import { ELEMENT_BYTES, elementCount, type TensorSpec } from "../tensor.ts";
import { RECORD_OVERHEAD_BYTES } from "./record-cipher.ts";

/** Records that a row of so many bytes is cut into: at least one, for an empty row is sealed too. */
export const recordCount = (row_bytes: number): number =>
  Math.max(1, Math.ceil(row_bytes / LIMITS.sealed_record_bytes_max));

/** Bytes of a sealed row. */
export const sealedRowBytes = (row_bytes: number): number =>
  row_bytes + recordCount(row_bytes) * RECORD_OVERHEAD_BYTES;

/** Bytes of a row of this form before it is sealed; null when rows differ in size. */
function plainRowBytes({ datatype, shape }: TensorSpec): number | null {
  if (datatype === "BYTES") return null;
  const row: number[] = [];
  for (const size of shape.slice(1)) {
    if (size === null) return null;
    row.push(size);
  }
  return elementCount(row) * ELEMENT_BYTES[datatype];
}

/**
 * What a tensor looks like when its rows are sealed: rows of one size are rows of so many UINT8, so that each lies where
 * its number says; others are one BYTES element a row.
 */
export function sealedForm(spec: TensorSpec): TensorSpec {
  const row_bytes = plainRowBytes(spec);
  const { name } = spec;
  return row_bytes === null
    ? { name, datatype: "BYTES", shape: [null] }
    : { name, datatype: "UINT8", shape: [null, sealedRowBytes(row_bytes)] };
}

/** The form of a tensor whose rows are all of one shape. */
export const formOf = ({
  name,
  datatype,
  shape,
}: {
  name: string;
  datatype: TensorSpec["datatype"];
  shape: readonly number[];
}): TensorSpec => ({ name, datatype, shape: [null, ...shape.slice(1)] });
