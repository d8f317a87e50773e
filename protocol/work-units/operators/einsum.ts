import { type KnownTensor, shaped } from "../known-tensor.ts";
import type { Shape } from "../tensor-shape.ts";
import { Uncountable } from "../uncountable.ts";
import { type OperatorCall, type OperatorTable, requiredInput, textAttribute } from "./operator.ts";

/** The labels of an equation such as "bij,bjk->bik", and the size of each. */
function readEquation(call: OperatorCall): { sizes: Map<string, number>; output: string } {
  const equation = textAttribute(call, "equation", "").replaceAll(" ", "");
  const [left, output, ...more] = equation.split("->");
  const terms = left?.split(",") ?? [];
  if (output === undefined || more.length > 0 || terms.length !== call.inputs.length)
    throw new Uncountable(`has the equation ${equation}, which is not followed`);
  const sizes = new Map<string, number>();
  terms.forEach((term, i) => {
    const { shape } = requiredInput(call, i);
    if (!/^[a-zA-Z]*$/.test(term) || term.length !== shape.length)
      throw new Uncountable(`has the equation ${equation} for [${shape}]`);
    [...term].forEach((label, axis) => {
      const dim = shape[axis] ?? 1;
      const size = sizes.get(label) ?? dim;
      if (size !== dim) throw new Uncountable(`has two sizes for ${label} in ${equation}`);
      sizes.set(label, size);
    });
  });
  return { sizes, output };
}

function inferEinsum(call: OperatorCall): KnownTensor[] {
  const { sizes, output } = readEquation(call);
  const shape: Shape = [...output].map((label) => sizes.get(label) ?? Number.NaN);
  return [shaped(shape)];
}

/** Inputs x the product of the sizes of all labels: two for a multiply-add of a pair. */
export const EINSUM: OperatorTable = {
  Einsum: {
    infer: inferEinsum,
    operations: (call) =>
      [...readEquation(call).sizes.values()].reduce(
        (product, size) => product * BigInt(size),
        BigInt(call.inputs.length),
      ),
  },
};
