import { type KnownTensor, shaped, valued } from "../known-tensor.ts";
import { dimAt, normalAxis } from "../tensor-shape.ts";
import { Uncountable } from "../uncountable.ts";
import { perElement, perOutput } from "./each-element.ts";
import {
  integerAttribute,
  integersArgument,
  type Operator,
  type OperatorCall,
  type OperatorTable,
  requiredInput,
} from "./operator.ts";

/** The indices that a slice takes along one axis, as numpy clamps them. */
interface Stretch {
  start: number;
  step: number;
  length: number;
}

function clampStretch(dim: number, start: number, end: number, step: number): Stretch {
  if (!Number.isSafeInteger(step) || step === 0) throw new Uncountable(`slices in steps of ${step}`);
  const least = step > 0 ? 0 : -1;
  const most = step > 0 ? dim : dim - 1;
  const clamp = (at: number) => Math.min(Math.max(at < 0 ? at + dim : at, least), most);
  const from = step > 0 ? clamp(start) : Math.max(clamp(start), 0);
  return { start: from, step, length: Math.max(0, Math.ceil((clamp(end) - from) / step)) };
}

function inferSlice(call: OperatorCall): KnownTensor[] | null {
  const { shape, values } = requiredInput(call, 0);
  const starts = integersArgument(call, 1, "starts");
  const ends = integersArgument(call, 2, "ends");
  const axes = integersArgument(call, 3, "axes");
  const steps = integersArgument(call, 4, "steps");
  if (starts === null || ends === null || axes === null || steps === null) return null;
  if (starts === "absent" || ends === "absent") throw new Uncountable("slices from nowhere to nowhere");
  const at = axes === "absent" ? starts.map((_, axis) => axis) : axes;
  if (at.length !== starts.length || ends.length !== starts.length)
    throw new Uncountable(`slices ${at.length} axes with ${starts.length} starts and ${ends.length} ends`);
  const dims = [...shape];
  let taken: readonly number[] | undefined = shape.length === 1 ? values?.numbers : undefined;
  at.forEach((given, i) => {
    const axis = normalAxis(given, shape.length);
    const step = steps === "absent" ? 1 : dimAt(steps, i);
    const stretch = clampStretch(dimAt(dims, axis), dimAt(starts, i), dimAt(ends, i), step);
    dims[axis] = stretch.length;
    taken = taken && takeStretch(taken, stretch);
  });
  return [values && taken ? valued(dims, values.element_type, taken) : shaped(dims)];
}

const takeStretch = (numbers: readonly number[], { start, step, length }: Stretch): number[] =>
  Array.from({ length }, (_, i) => numbers[start + i * step] ?? Number.NaN);

/** data[..., indices, ...] along one axis. */
function inferGather(call: OperatorCall): KnownTensor[] {
  const data = requiredInput(call, 0);
  const indices = requiredInput(call, 1);
  const axis = normalAxis(integerAttribute(call, "axis", 0), data.shape.length);
  const shape = [...data.shape.slice(0, axis), ...indices.shape, ...data.shape.slice(axis + 1)];
  if (data.shape.length !== 1 || !data.values || !indices.values) return [shaped(shape)];
  const { numbers, element_type } = data.values;
  const taken = indices.values.numbers.map((index) => numbers.at(index) ?? Number.NaN);
  return [valued(shape, element_type, taken)];
}

/** One element, or one block where the index tuples are shorter than the data, for each tuple of indices. */
function inferGatherTuples(call: OperatorCall): KnownTensor[] {
  const data = requiredInput(call, 0).shape;
  const indices = requiredInput(call, 1).shape;
  const batch = integerAttribute(call, "batch_dims", 0);
  const tuple = dimAt(indices, -1);
  if (!(batch >= 0 && batch < indices.length && batch + tuple <= data.length))
    throw new Uncountable(`gathers [${data}] by [${indices}]`);
  return [shaped([...indices.slice(0, -1), ...data.slice(batch + tuple)])];
}

/** A copy of the data with updates written over it. */
const scatter = (updates: number): Operator => ({
  infer: (call) => [shaped(requiredInput(call, 0).shape)],
  operations: (call) =>
    perElement(requiredInput(call, 0).shape) + perElement(requiredInput(call, updates).shape),
});

/** A new axis as long as `depth`. */
function inferOneHot(call: OperatorCall): KnownTensor[] | null {
  const { shape } = requiredInput(call, 0);
  const depth = requiredInput(call, 1).values?.numbers[0];
  if (depth === undefined) return null;
  const axis = normalAxis(integerAttribute(call, "axis", -1), shape.length + 1);
  return [shaped([...shape.slice(0, axis), depth, ...shape.slice(axis)])];
}

/** How many are not zero is known when the model runs. */
const inferNonZero = (): null => null;

const likeSecond = (call: OperatorCall): KnownTensor[] => [shaped(requiredInput(call, 1).shape)];

/** Operators that take or write elements at places: one for each element moved. */
export const INDEXING: OperatorTable = {
  Slice: perOutput(inferSlice, 1),
  Gather: perOutput(inferGather, 1),
  GatherElements: perOutput(likeSecond, 1),
  GatherND: perOutput(inferGatherTuples, 1),
  ScatterElements: scatter(2),
  ScatterND: scatter(2),
  OneHot: perOutput(inferOneHot, 1),
  Trilu: perOutput((call) => [shaped(requiredInput(call, 0).shape)], 1),
  NonZero: {
    infer: inferNonZero,
    operations: (call) => perElement(requiredInput(call, 0).shape),
  },
};
