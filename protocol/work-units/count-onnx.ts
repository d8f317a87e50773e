import { LIMITS } from "@infernet/schemas/limits";
import { countGraph, type GraphCount, type RowInput } from "./count-graph.ts";
import { parametersOf } from "./count-parameters.ts";
import type { OnnxModel } from "./onnx/onnx-model.ts";
import { readModel } from "./onnx/read-model.ts";
import { Uncountable } from "./uncountable.ts";

export type OnnxCount =
  | {
      kind: "counted";
      /** Rounded up where the model takes a fixed number of rows. */
      operations_per_row: bigint;
      /** Elements of the initializers that are no indices, flags or text. */
      parameters: bigint;
      /** Operations of a row by operator; each rounded up where the model takes a fixed number of rows. */
      by_operator: Map<string, bigint>;
      /** Tensors whose shape was taken from the file's word: whoever made the file could understate these. */
      declared_shapes: number;
    }
  | { kind: "uncountable"; reason: string };

const REASON_CHARS_MAX = 500;

/**
 * How many operations an ONNX model takes for a row, from the shapes in its graph (a multiply-add counts as two; each
 * operator's formula stands with its rule). Whatever the file holds, this returns and never throws.
 *
 * A price by rows must cover rows that are computed together. So the count is made for 1 row and for larger batches up
 * to `rows_max`, and a model whose batch costs more than its rows one by one is uncountable.
 *
 * @param inputs the model's inputs as its manifest describes them: null stands for the rows
 * @param rows_max rows in the largest batch: 1 for a model that was exported for one row at a time
 */
export function countOperations(
  file: Uint8Array,
  inputs: readonly RowInput[],
  rows_max: number = LIMITS.rows_per_job_max,
): OnnxCount {
  try {
    return countModel(readModel(file), inputs, rows_max);
  } catch (error) {
    return { kind: "uncountable", reason: describe(error).slice(0, REASON_CHARS_MAX) };
  }
}

/** The reader's own errors say that the file is malformed, in words for its programmer. */
function describe(error: unknown): string {
  if (!(error instanceof Uncountable)) return "the model is malformed or cut short";
  return `the model${error.message.startsWith("'s ") ? "" : " "}${error.message}`;
}

function countModel(model: OnnxModel, inputs: readonly RowInput[], rows_max: number): OnnxCount {
  const rows = fixedRows(model, inputs);
  const count = countGraph(model, inputs, rows ?? 1);
  if (rows === null) for (const more of batches(rows_max)) assertNoDearer(model, inputs, count, more);
  const perRow = (operations: bigint) => ceilDivide(operations, BigInt(rows ?? 1));
  return {
    kind: "counted",
    operations_per_row: perRow(count.operations),
    parameters: model.graph.initializers.reduce((sum, tensor) => sum + parametersOf(tensor), 0n),
    by_operator: new Map([...count.by_operator].map(([name, operations]) => [name, perRow(operations)])),
    declared_shapes: count.declared_shapes,
  };
}

/** The rows that the file insists on, or null where it takes any. */
function fixedRows({ graph }: OnnxModel, inputs: readonly RowInput[]): number | null {
  const fixed = new Set<number>();
  for (const { name, shape } of inputs) {
    const dims = graph.inputs.find((input) => input.name === name)?.dims;
    shape.forEach((dim, axis) => {
      const declared = dims?.[axis];
      if (dim === null && typeof declared === "number") fixed.add(declared);
    });
  }
  const [rows, other] = fixed;
  if (rows === undefined) return null;
  if (other !== undefined || !(rows >= 1)) throw new Uncountable(`takes ${[...fixed].join(" and ")} rows`);
  return rows;
}

/** Batches to look at: the smallest, the largest, and one between. */
const batches = (rows_max: number): Set<number> =>
  new Set([2, Math.ceil(Math.sqrt(rows_max)), rows_max].filter((rows) => rows > 1 && rows <= rows_max));

function assertNoDearer(model: OnnxModel, inputs: readonly RowInput[], one: GraphCount, rows: number): void {
  const { operations } = countBatch(model, inputs, rows);
  if (operations <= one.operations * BigInt(rows)) return;
  throw new Uncountable(
    `takes ${operations} operations for ${rows} rows together and ${one.operations} for one: more than the rows one by one`,
  );
}

function countBatch(model: OnnxModel, inputs: readonly RowInput[], rows: number): GraphCount {
  try {
    return countGraph(model, inputs, rows);
  } catch (error) {
    if (!(error instanceof Uncountable)) throw error;
    throw new Uncountable(`${error.message} (in a batch of ${rows} rows)`);
  }
}

const ceilDivide = (dividend: bigint, divisor: bigint): bigint => (dividend + divisor - 1n) / divisor;
