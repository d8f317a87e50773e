import { shaped } from "../known-tensor.ts";
import { dimAt, normalAxis } from "../tensor-shape.ts";
import { Uncountable } from "../uncountable.ts";
import { likeInput, perElement, perOutput } from "./each-element.ts";
import {
  integerAttribute,
  type Operator,
  type OperatorCall,
  type OperatorTable,
  requiredInput,
  requiredOutput,
} from "./operator.ts";

/** Mean (1), difference (1), variance (2), divide (1), root and epsilon (1), scale and shift (2). */
const NORMALIZE = 8;
/** The same without the mean and the shift. */
const NORMALIZE_BY_ROOT_MEAN_SQUARE = 5;
/** Maximum, subtract, exponential, sum, divide. */
const SOFTMAX = 5;

/** The numbers, and where asked for their mean and deviation, with the normalised dimensions at 1. */
function inferLayer(call: OperatorCall) {
  const { shape } = requiredInput(call, 0);
  const axis = normalAxis(integerAttribute(call, "axis", -1), shape.length);
  const statistics = shaped(shape.map((dim, i) => (i < axis ? dim : 1)));
  return [shaped(shape), statistics, statistics];
}

/** A multiply-add for each element: statistics and scale are known beforehand. In training they are not, nor counted. */
const batch: Operator = perOutput((call) => {
  if (integerAttribute(call, "training_mode", 0) !== 0) throw new Uncountable("trains");
  dimAt(requiredInput(call, 0).shape, 0);
  return likeInput(call);
}, 2);

/** For each element: a square and a sum over `size` channels, then multiply-add, power and divide. */
const localResponse: Operator = {
  infer: likeInput,
  operations: (call, outputs) => {
    const size = integerAttribute(call, "size", 1);
    if (!Number.isSafeInteger(size) || size < 1) throw new Uncountable(`normalises over ${size} channels`);
    return perElement(requiredOutput(outputs), 2n * BigInt(size) + 4n);
  },
};

export const NORMALIZATION: OperatorTable = {
  BatchNormalization: batch,
  GroupNormalization: perOutput(likeInput, NORMALIZE),
  Hardmax: perOutput(likeInput, 2),
  InstanceNormalization: perOutput(likeInput, NORMALIZE),
  LayerNormalization: perOutput(inferLayer, NORMALIZE),
  LogSoftmax: perOutput(likeInput, SOFTMAX),
  /** Power, sum, divide. */
  LpNormalization: perOutput(likeInput, 3),
  LRN: localResponse,
  MeanVarianceNormalization: perOutput(likeInput, NORMALIZE),
  RMSNormalization: perOutput(likeInput, NORMALIZE_BY_ROOT_MEAN_SQUARE),
  Softmax: perOutput(likeInput, SOFTMAX),
};
