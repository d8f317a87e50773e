import type { Bytes } from "./digest.ts";
import { decodeHalves } from "./half.ts";
import { type Datatype, ELEMENT_BYTES, type Tensor } from "./tensor.ts";

/** Datatypes whose elements all have one size. */
export type FixedDatatype = Exclude<Datatype, "BYTES">;

const VIEWS = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  /** Raw bits: see half.ts. */
  FP16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
} as const;

/** Elements as the platform's numbers, `bigint` for 64-bit integers and raw bits for FP16. */
export type Elements<Type extends FixedDatatype = FixedDatatype> = InstanceType<(typeof VIEWS)[Type]>;

/**
 * A tensor's data as a typed array: a view where the bytes are aligned, else a copy. Tensor data is little-endian, as
 * is every platform that this runs on.
 */
export function viewElements<Type extends FixedDatatype>(datatype: Type, data: Bytes): Elements<Type> {
  const size = ELEMENT_BYTES[datatype];
  const aligned = data.byteOffset % size === 0 ? data : data.slice();
  const View: new (buffer: ArrayBuffer, offset: number, length: number) => Elements = VIEWS[datatype];
  return new View(aligned.buffer, aligned.byteOffset, aligned.byteLength / size) as Elements<Type>;
}

/** The bytes below a typed array, uncopied. */
export function bytesOf(elements: ArrayBufferView<ArrayBuffer>): Bytes {
  return new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength);
}

/** A fixed-size tensor's elements as numbers: 64-bit integers beyond 2^53 are rounded, booleans are 0 and 1. */
export function numbersOf(datatype: FixedDatatype, data: Bytes): ArrayLike<number> {
  switch (datatype) {
    case "FP16":
      return decodeHalves(viewElements("FP16", data));
    case "INT64":
    case "UINT64":
      return Float64Array.from(viewElements(datatype, data), Number);
    default:
      return viewElements(datatype, data);
  }
}

/** A fixed-size tensor, or undefined for BYTES. */
export function isFixed(tensor: Tensor): tensor is Tensor & { datatype: FixedDatatype } {
  return tensor.datatype !== "BYTES";
}
