import { z } from "zod";
import type { Bytes } from "./digest.ts";
import { Sha256 } from "./digest.ts";
import { LIMITS } from "./limits.ts";

/**
 * Tensors in the vocabulary of the Open Inference Protocol v2 (`name`, `datatype`, `shape`, `data`).
 * Data is row-major, numbers little-endian. BYTES elements are a 4-byte little-endian length and then that many
 * bytes, as in the protocol's binary tensor data extension. The first dimension counts rows.
 */
export const Datatype = z
  .enum([
    "BOOL",
    "UINT8",
    "UINT16",
    "UINT32",
    "UINT64",
    "INT8",
    "INT16",
    "INT32",
    "INT64",
    "FP16",
    "FP32",
    "FP64",
    "BYTES",
  ])
  .meta({ id: "Datatype" });
export type Datatype = z.infer<typeof Datatype>;

/** Bytes of one element; BYTES elements vary and have none. */
export const ELEMENT_BYTES: Readonly<Record<Exclude<Datatype, "BYTES">, number>> = {
  BOOL: 1,
  UINT8: 1,
  UINT16: 2,
  UINT32: 4,
  UINT64: 8,
  INT8: 1,
  INT16: 2,
  INT32: 4,
  INT64: 8,
  FP16: 2,
  FP32: 4,
  FP64: 8,
};

export const TensorName = z.string().min(1).max(LIMITS.tensor_name_chars_max);
export const Shape = z
  .array(
    z
      .int()
      .min(0)
      .max(2 ** 31 - 1),
  )
  .min(1)
  .max(LIMITS.tensor_dimensions_max);

const described = { name: TensorName, datatype: Datatype, shape: Shape };

/** A tensor with its data as raw bytes: the binary form, and the form that code works on. */
export const Tensor = z.strictObject({ ...described, data: z.instanceof(Uint8Array<ArrayBuffer>) });
export interface Tensor {
  name: string;
  datatype: Datatype;
  shape: number[];
  data: Bytes;
}

/** A tensor whose raw bytes are a stored blob. */
export const TensorBlob = z.strictObject({ ...described, blob: Sha256 }).meta({ id: "TensorBlob" });
export type TensorBlob = z.infer<typeof TensorBlob>;

/**
 * A tensor in JSON: `data` flat or nested in row-major order. Strings stand for BYTES (UTF-8) and 64-bit integers.
 * The elements are left unread here: `parseTensorJson` walks them once, with the shape that bounds its depth.
 */
export const TensorJson = z
  .strictObject({
    ...described,
    data: z
      .array(z.unknown())
      .meta({ type: "array", items: {}, description: "Elements in row-major order, flat or nested" }),
  })
  .meta({ id: "TensorJson" });
export type TensorJson = z.infer<typeof TensorJson>;

/** What a tensor must look like: `null` stands for a dimension that is free, which the first, the row, always is. */
export const TensorSpec = z
  .strictObject({
    name: TensorName,
    datatype: Datatype,
    shape: z.array(z.int().min(1).nullable()).min(1).max(LIMITS.tensor_dimensions_max),
  })
  .refine((spec) => spec.shape[0] === null, {
    message: "the first dimension counts rows and is null",
    path: ["shape", 0],
  })
  .meta({ id: "TensorSpec" });
export type TensorSpec = z.infer<typeof TensorSpec>;

export const elementCount = (shape: readonly number[]): number =>
  shape.reduce((product, n) => product * n, 1);

/** Bytes a fixed-size tensor of this shape holds. */
export function byteCount(datatype: Exclude<Datatype, "BYTES">, shape: readonly number[]): number {
  return elementCount(shape) * ELEMENT_BYTES[datatype];
}
