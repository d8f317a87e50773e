import { encodeHalf } from "./half.ts";
import type { Datatype, Tensor } from "./tensor.ts";
import { bytesOf, isFixed, numbersOf } from "./tensor-elements.ts";

/** Datatypes that hold every value of the one named: 11 bits of integer fit FP16, 24 fit FP32, 53 fit FP64. */
const WIDER: Readonly<Partial<Record<Datatype, readonly Datatype[]>>> = {
  UINT8: ["UINT16", "UINT32", "UINT64", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64"],
  UINT16: ["UINT32", "UINT64", "INT32", "INT64", "FP32", "FP64"],
  UINT32: ["UINT64", "INT64", "FP64"],
  INT8: ["INT16", "INT32", "INT64", "FP16", "FP32", "FP64"],
  INT16: ["INT32", "INT64", "FP32", "FP64"],
  INT32: ["INT64", "FP64"],
  FP16: ["FP32", "FP64"],
  FP32: ["FP64"],
};

/** Whether every value of `from` is a value of `to`. */
export function widensTo(from: Datatype, to: Datatype): boolean {
  return from === to || (WIDER[from]?.includes(to) ?? false);
}

const CONVERT: Readonly<
  Partial<Record<Datatype, (numbers: ArrayLike<number>) => ArrayBufferView<ArrayBuffer>>>
> = {
  UINT16: (numbers) => new Uint16Array(numbers),
  UINT32: (numbers) => new Uint32Array(numbers),
  UINT64: (numbers) => BigUint64Array.from(numbers, BigInt),
  INT16: (numbers) => new Int16Array(numbers),
  INT32: (numbers) => new Int32Array(numbers),
  INT64: (numbers) => BigInt64Array.from(numbers, BigInt),
  FP16: (numbers) => Uint16Array.from(numbers, encodeHalf),
  FP32: (numbers) => new Float32Array(numbers),
  FP64: (numbers) => new Float64Array(numbers),
};

/** The same values in a wider datatype; the tensor itself when there is nothing to do. Throws RangeError otherwise. */
export function widenTensor(tensor: Tensor, to: Datatype): Tensor {
  if (tensor.datatype === to) return tensor;
  const convert = CONVERT[to];
  if (!isFixed(tensor) || !convert || !widensTo(tensor.datatype, to))
    throw new RangeError(`'${tensor.name}' is ${tensor.datatype}, which does not widen to ${to}`);
  return { ...tensor, datatype: to, data: bytesOf(convert(numbersOf(tensor.datatype, tensor.data))) };
}
