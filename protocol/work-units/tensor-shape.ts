import { COUNT_LIMITS } from "./count-limits.ts";
import { Uncountable } from "./uncountable.ts";

export type Shape = readonly number[];

/** Elements of a tensor: an exact integer for every shape that passed `assertShape`. */
export const elements = (shape: Shape): number => shape.reduce((product, dim) => product * dim, 1);

/** @throws Uncountable when it is no shape, or has more elements than a double counts exactly */
export function assertShape(shape: Shape): void {
  if (shape.length > COUNT_LIMITS.dimensions_max)
    throw new Uncountable(`has a tensor of more than ${COUNT_LIMITS.dimensions_max} dimensions`);
  for (const dim of shape)
    if (!Number.isSafeInteger(dim) || dim < 0)
      throw new Uncountable(`has a tensor with a dimension of ${dim}`);
  if (!Number.isSafeInteger(elements(shape)))
    throw new Uncountable(`has a tensor too large to count: ${shape.join(" x ")}`);
}

/** The dimension at `axis`, which counts from the end when negative. */
export function dimAt(shape: Shape, axis: number): number {
  const dim = shape.at(axis);
  if (!Number.isInteger(axis) || dim === undefined)
    throw new Uncountable(`has an axis ${axis} in a tensor of ${shape.length} dimensions`);
  return dim;
}

/** An axis counted from the start, in a tensor of `rank` dimensions. */
export function normalAxis(axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(normal) || normal < 0 || normal >= rank)
    throw new Uncountable(`has an axis ${axis} in a tensor of ${rank} dimensions`);
  return normal;
}

/** The axes, each once, counted from the start. */
export function normalAxes(axes: readonly number[], rank: number): Set<number> {
  const normal = new Set(axes.map((axis) => normalAxis(axis, rank)));
  if (normal.size !== axes.length) throw new Uncountable("names an axis twice");
  return normal;
}

/** The first shapes, for a person. */
export const listShapes = (shapes: readonly Shape[]): string =>
  shapes
    .slice(0, 4)
    .map((shape) => `[${shape}]`)
    .join(", ");

/** Multidirectional broadcasting (https://onnx.ai/onnx/repo-docs/Broadcasting.html). */
export function broadcast(shapes: readonly Shape[]): Shape {
  const rank = shapes.reduce((most, shape) => Math.max(most, shape.length), 0);
  return Array.from({ length: rank }, (_, i) => {
    let dim = 1;
    for (const shape of shapes) {
      const own = shape.at(i - rank) ?? 1;
      if (own === 1) continue;
      if (dim !== 1 && dim !== own)
        throw new Uncountable(`has shapes that do not broadcast: ${listShapes(shapes)}`);
      dim = own;
    }
    return dim;
  });
}
