import { LIMITS } from "@infernet/schemas/limits";
import { ELEMENT_BYTES, elementCount, type TensorSpec } from "@infernet/schemas/tensor";

/** BYTES elements and free dimensions have no size before the rows are seen. */
const ASSUMED_BYTES = 64;

/**
 * Rows in one call of the engine: the manifest's bound, or as many as fit the core's cache once widened, which is
 * where a call's fixed cost is spread and memory is not yet the limit.
 */
export function batchRows(inputs: readonly TensorSpec[], rowsMax: number | null): number {
  const bytes = inputs.reduce((sum, spec) => sum + specBytes(spec), 0);
  const fitting = Math.floor(LIMITS.engine_batch_bytes_max / bytes);
  const sensible = Math.min(LIMITS.engine_batch_rows_max, Math.max(1, fitting));
  return rowsMax === null ? sensible : Math.min(rowsMax, sensible);
}

function specBytes({ datatype, shape }: TensorSpec): number {
  const elements = elementCount(shape.slice(1).map((size) => size ?? ASSUMED_BYTES));
  return elements * (datatype === "BYTES" ? ASSUMED_BYTES : ELEMENT_BYTES[datatype]);
}

/** Cuts `rows` rows into runs of at most `size`: the first row and the number of each. */
export function planBatches(rows: number, size: number): { start: number; count: number }[] {
  const batches: { start: number; count: number }[] = [];
  for (let start = 0; start < rows; start += size) {
    batches.push({ start, count: Math.min(size, rows - start) });
  }
  return batches;
}
