import type { OnnxCount } from "../count-onnx.ts";
import { countOperations } from "../count-onnx.ts";
import { buildOnnx, node, type SampleAttribute, type SampleConstant, weights } from "./build-onnx.ts";

/** A use of one operator on an input `x` of the shape `x`, a row, and on constants. */
export interface OneOperator {
  x: number[];
  /** Weights by their dimensions, or constants, in the order of the inputs after `x`. */
  more?: (number[] | SampleConstant | null)[];
  attributes?: Record<string, SampleAttribute>;
  outputs?: number;
}

/** The count of a model that holds one operator. Rows are one: the shapes are taken as they are. */
export function countOne(operator: string, use: OneOperator): OnnxCount {
  const constants = (use.more ?? []).map((given, i) =>
    Array.isArray(given) ? weights(`c${i}`, given) : given,
  );
  const outputs = Array.from({ length: use.outputs ?? 1 }, (_, i) => `y${i}`);
  const file = buildOnnx({
    inputs: [{ name: "x", dims: use.x }],
    nodes: [
      node(operator, ["x", ...constants.map((constant) => constant?.name ?? "")], outputs, use.attributes),
    ],
    constants: constants.filter((constant) => constant !== null),
  });
  return countOperations(file, [{ name: "x", shape: use.x }]);
}

/** Its operations. @throws Error when there are none */
export function operationsOf(count: OnnxCount): bigint {
  if (count.kind === "uncountable") throw new Error(count.reason);
  return count.operations_per_row;
}

/** Why there are none. @throws Error when it was counted */
export function reasonOf(count: OnnxCount): string {
  if (count.kind === "counted") throw new Error(`counted ${count.operations_per_row}`);
  return count.reason;
}
