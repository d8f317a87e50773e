import type { Bytes } from "@infernet/schemas/digest";
import { InfernetError } from "@infernet/schemas/errors";
import type { Merge } from "@infernet/schemas/job";
import type { Tensor, TensorSpec } from "@infernet/schemas/tensor";
import { bytesOf, isFixed, numbersOf } from "@infernet/schemas/tensor-elements";
import { concatRows, rowCount } from "@infernet/schemas/tensor-rows";
import { renderList } from "./merge-list.ts";

/** A job's result: tensors, or for `list` the UTF-8 bytes of a JSON array. */
export type Merged = { kind: "tensors"; tensors: Tensor[] } | { kind: "list"; json: Bytes };

/** Refuses, before any work is done, a merge that the model's outputs cannot go through. Throws input_mismatch. */
export function assertMergeable(merge: Merge, specs: readonly TensorSpec[]): void {
  if (merge !== "sum" && merge !== "mean") return;
  const text = specs.find((spec) => spec.datatype === "BYTES");
  if (!text) return;
  const detail = `Output '${text.name}' is BYTES, which has no ${merge}; use "concat" or "list".`;
  throw new InfernetError("input_mismatch", detail, { errors: [{ pointer: "/merge", detail }] });
}

/**
 * One result from the accepted outputs of all shards. `concat` joins each output in row order; `list` is described at
 * `renderList`; `sum` and `mean` give for each output one FP64 row, added up in row order in double precision (64-bit
 * integers beyond 2^53 are rounded, booleans count as 0 and 1).
 *
 * @param shards each shard's outputs, in row order; checked against `specs` before
 * @throws InfernetError output_invalid when shards differ in a free dimension and have to be joined or added
 */
export function mergeOutputs(
  merge: Merge,
  specs: readonly TensorSpec[],
  shards: readonly Tensor[][],
): Merged {
  const outputs = specs.map((spec) => shards.map((shard) => pick(shard, spec.name)));
  switch (merge) {
    case "concat":
      return { kind: "tensors", tensors: outputs.map((parts) => concatRows(assertAlike(parts))) };
    case "list":
      return { kind: "list", json: renderList(outputs) };
    case "sum":
    case "mean":
      return { kind: "tensors", tensors: outputs.map((parts) => reduceRows(assertAlike(parts), merge)) };
  }
}

function pick(shard: readonly Tensor[], name: string): Tensor {
  const tensor = shard.find((candidate) => candidate.name === name);
  if (tensor) return tensor;
  throw new InfernetError("output_invalid", `A shard has no output '${name}'.`);
}

/** The parts, when all of them have one row shape: a model may leave dimensions free, and rows then differ. */
function assertAlike(parts: Tensor[]): Tensor[] {
  const rowShapes = new Set(parts.map((part) => part.shape.slice(1).join()));
  if (rowShapes.size <= 1) return parts;
  const [one, other] = [...rowShapes];
  throw new InfernetError(
    "output_invalid",
    `Rows of output '${parts[0]?.name}' have the shape [${one}] in one shard and [${other}] in another, so they cannot be one tensor; merge "list" takes them.`,
  );
}

function reduceRows(parts: readonly Tensor[], merge: "sum" | "mean"): Tensor {
  const [first] = parts;
  if (!first) throw new RangeError("there are no shards to merge");
  const rowShape = first.shape.slice(1);
  const totals = new Float64Array(rowShape.reduce((product, n) => product * n, 1));
  for (const part of parts) addRows(totals, part);
  const rows = parts.reduce((sum, part) => sum + rowCount(part), 0);
  if (merge === "mean") for (let i = 0; i < totals.length; i++) totals[i] = (totals[i] ?? 0) / rows;
  return { name: first.name, datatype: "FP64", shape: [1, ...rowShape], data: bytesOf(totals) };
}

function addRows(totals: Float64Array, part: Tensor): void {
  if (!isFixed(part))
    throw new InfernetError("input_mismatch", `Output '${part.name}' is BYTES and cannot be added up.`);
  const numbers = numbersOf(part.datatype, part.data);
  const width = totals.length;
  for (let start = 0; start < numbers.length; start += width)
    for (let i = 0; i < width; i++) totals[i] = (totals[i] ?? 0) + (numbers[start + i] ?? 0);
}
