import { reshaped, shaped } from "../known-tensor.ts";
import { elements, normalAxes, normalAxis, type Shape } from "../tensor-shape.ts";
import { Uncountable } from "../uncountable.ts";
import { free, perOutput } from "./each-element.ts";
import {
  integerAttribute,
  integersArgument,
  integersAttribute,
  type OperatorCall,
  type OperatorTable,
  optionalInput,
  requiredInput,
} from "./operator.ts";

/** The asked dimensions, where 0 keeps the dimension at its place and one -1 takes what is left. */
function inferReshape(call: OperatorCall) {
  const input = requiredInput(call, 0);
  const asked = integersArgument(call, 1, "shape");
  if (asked === null) return null;
  if (asked === "absent") throw new Uncountable("lacks its input 1");
  const keepsZero = integerAttribute(call, "allowzero", 0) !== 0;
  const dims = asked.map((dim, i) => (dim === 0 && !keepsZero ? (input.shape[i] ?? Number.NaN) : dim));
  const known = elements(dims.filter((dim) => dim !== -1));
  const total = elements(input.shape);
  const rest = known === 0 ? 0 : total / known;
  const shape = dims.map((dim) => (dim === -1 ? rest : dim));
  const fits = elements(shape) === total && shape.every(Number.isInteger);
  if (!fits || dims.filter((dim) => dim === -1).length > 1)
    throw new Uncountable(`reshapes [${input.shape}] to [${asked}]`);
  return [reshaped(input, shape)];
}

function inferFlatten(call: OperatorCall) {
  const input = requiredInput(call, 0);
  const rank = input.shape.length;
  const axis = integerAttribute(call, "axis", 1);
  const at = axis === rank ? rank : normalAxis(axis, rank);
  return [reshaped(input, [elements(input.shape.slice(0, at)), elements(input.shape.slice(at))])];
}

function inferSqueeze(call: OperatorCall) {
  const input = requiredInput(call, 0);
  const axes = integersArgument(call, 1, "axes");
  if (axes === null) return null;
  const ones = input.shape.flatMap((dim, axis) => (dim === 1 ? [axis] : []));
  const dropped = axes === "absent" ? new Set(ones) : normalAxes(axes, input.shape.length);
  if ([...dropped].some((axis) => input.shape[axis] !== 1))
    throw new Uncountable(`squeezes [${input.shape}] along ${[...dropped].join(", ")}`);
  const shape = input.shape.filter((_, axis) => !dropped.has(axis));
  return [reshaped(input, shape)];
}

function inferUnsqueeze(call: OperatorCall) {
  const input = requiredInput(call, 0);
  const axes = integersArgument(call, 1, "axes");
  if (axes === null) return null;
  if (axes === "absent") throw new Uncountable("lacks its axes");
  const added = normalAxes(axes, input.shape.length + axes.length);
  const rest = input.shape[Symbol.iterator]();
  const shape: Shape = Array.from({ length: input.shape.length + added.size }, (_, axis) =>
    added.has(axis) ? 1 : (rest.next().value ?? 1),
  );
  return [reshaped(input, shape)];
}

function inferTranspose(call: OperatorCall) {
  const input = requiredInput(call, 0);
  const order = integersAttribute(call, "perm") ?? input.shape.map((_, axis) => axis).reverse();
  const whole = order.length === input.shape.length && normalAxes(order, order.length).size === order.length;
  if (!whole) throw new Uncountable(`transposes [${input.shape}] by ${order.join(", ")}`);
  const shape = order.map((axis) => input.shape[axis] ?? 1);
  return [order.length < 2 ? input : shaped(shape)];
}

/** Models in use do not drop anything; one in training draws random numbers, which is not counted. */
function inferDropout(call: OperatorCall) {
  if (optionalInput(call, 2) !== null) throw new Uncountable("trains");
  const input = requiredInput(call, 0);
  return [input, shaped(input.shape)];
}

/** Spatial dimensions [n, c, h, w] for channels, or back; the block's area moves from one to the other. */
const moveBlocks = (toSpace: boolean) => (call: OperatorCall) => {
  const [n, c, h, w, ...more] = requiredInput(call, 0).shape;
  const side = integerAttribute(call, "blocksize", 0);
  if (
    n === undefined ||
    c === undefined ||
    h === undefined ||
    w === undefined ||
    more.length > 0 ||
    !(side >= 1)
  )
    throw new Uncountable(`moves blocks of ${side} in [${requiredInput(call, 0).shape}]`);
  return [shaped(toSpace ? [n, c / side ** 2, h * side, w * side] : [n, c * side ** 2, h / side, w / side])];
};

/** Operators that show the same elements in another shape: free where nothing moves, else one for each element. */
export const RESHAPING: OperatorTable = {
  Reshape: free(inferReshape),
  Flatten: free(inferFlatten),
  Squeeze: free(inferSqueeze),
  Unsqueeze: free(inferUnsqueeze),
  Identity: free((call) => [requiredInput(call, 0)]),
  Dropout: free(inferDropout),
  Transpose: perOutput(inferTranspose, 1),
  DepthToSpace: perOutput(moveBlocks(true), 1),
  SpaceToDepth: perOutput(moveBlocks(false), 1),
};
