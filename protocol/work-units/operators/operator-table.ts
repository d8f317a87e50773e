import { BROADCASTING } from "./broadcasting.ts";
import { CONVOLUTION } from "./convolution.ts";
import { EINSUM } from "./einsum.ts";
import { INDEXING } from "./indexing.ts";
import { JOINING } from "./joining.ts";
import { MAKING } from "./making.ts";
import { MATRIX } from "./matrix.ts";
import { NORMALIZATION } from "./normalization.ts";
import type { Operator } from "./operator.ts";
import { POOLING } from "./pooling.ts";
import { QUANTIZATION } from "./quantization.ts";
import { RECURRENT } from "./recurrent.ts";
import { REDUCTION } from "./reduction.ts";
import { RESHAPING } from "./reshaping.ts";
import { RESIZING } from "./resizing.ts";
import { UNARY } from "./unary.ts";

/** The counted operators of ONNX's own domain (https://onnx.ai/onnx/operators), by name. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map(
  Object.entries({
    ...BROADCASTING,
    ...CONVOLUTION,
    ...EINSUM,
    ...INDEXING,
    ...JOINING,
    ...MAKING,
    ...MATRIX,
    ...NORMALIZATION,
    ...POOLING,
    ...QUANTIZATION,
    ...RECURRENT,
    ...REDUCTION,
    ...RESHAPING,
    ...RESIZING,
    ...UNARY,
  }),
);
