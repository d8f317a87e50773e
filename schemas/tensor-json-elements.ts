import type { Bytes } from "./digest.ts";
import { encodeHalf } from "./half.ts";
import type { Datatype } from "./tensor.ts";
import { joinBytes } from "./tensor-bytes.ts";
import { bytesOf } from "./tensor-elements.ts";

/** The element at `index` breaks its datatype; the message completes "an element ...". */
export class ElementRefused extends Error {
  readonly index: number;

  constructor(index: number, rule: string) {
    super(rule);
    this.index = index;
  }
}

type ReadElement<Value> = (element: unknown, index: number) => Value;

/** JSON elements in row-major order, as the raw little-endian data of `datatype`. Throws ElementRefused. */
export function encodeElements(datatype: Datatype, elements: readonly unknown[]): Bytes {
  const fill = <View extends ArrayBufferView<ArrayBuffer> & { [index: number]: Value }, Value>(
    view: View,
    read: ReadElement<Value>,
  ): Bytes => {
    for (let index = 0; index < elements.length; index++) view[index] = read(elements[index], index);
    return bytesOf(view);
  };
  const count = elements.length;
  switch (datatype) {
    case "BOOL":
      return fill(new Uint8Array(count), readBoolean);
    case "UINT8":
      return fill(new Uint8Array(count), integerReader(0, 0xff));
    case "UINT16":
      return fill(new Uint16Array(count), integerReader(0, 0xffff));
    case "UINT32":
      return fill(new Uint32Array(count), integerReader(0, 0xffff_ffff));
    case "UINT64":
      return fill(new BigUint64Array(count), longReader(0n, 2n ** 64n - 1n));
    case "INT8":
      return fill(new Int8Array(count), integerReader(-0x80, 0x7f));
    case "INT16":
      return fill(new Int16Array(count), integerReader(-0x8000, 0x7fff));
    case "INT32":
      return fill(new Int32Array(count), integerReader(-0x8000_0000, 0x7fff_ffff));
    case "INT64":
      return fill(new BigInt64Array(count), longReader(-(2n ** 63n), 2n ** 63n - 1n));
    case "FP16": {
      const read = floatReader(65_520);
      return fill(new Uint16Array(count), (element, index) => encodeHalf(read(element, index)));
    }
    case "FP32":
      return fill(new Float32Array(count), floatReader(FP32_OVERFLOW));
    case "FP64":
      return fill(new Float64Array(count), floatReader(Number.POSITIVE_INFINITY));
    case "BYTES":
      return joinBytes(elements.map(readText));
  }
}

function readBoolean(element: unknown, index: number): number {
  if (typeof element !== "boolean")
    throw new ElementRefused(index, `is ${describe(element)}, neither true nor false`);
  return element ? 1 : 0;
}

const integerReader =
  (min: number, max: number): ReadElement<number> =>
  (element, index) => {
    if (typeof element === "number" && Number.isInteger(element) && element >= min && element <= max)
      return element;
    throw new ElementRefused(index, `is ${describe(element)}, not a whole number from ${min} to ${max}`);
  };

const DECIMAL = /^-?(0|[1-9][0-9]{0,19})$/;

const longReader =
  (min: bigint, max: bigint): ReadElement<bigint> =>
  (element, index) => {
    const isExact = typeof element === "string" ? DECIMAL.test(element) : Number.isSafeInteger(element);
    if (isExact && (typeof element === "string" || typeof element === "number")) {
      const value = BigInt(element);
      if (value >= min && value <= max) return value;
    }
    throw new ElementRefused(
      index,
      `is ${describe(element)}, not a whole number from ${min} to ${max}, written as a decimal string beyond 2^53`,
    );
  };

/** The midpoint between the largest FP32 and 2^128: from here on rounding gives infinity. */
const FP32_OVERFLOW = 2 ** 128 - 2 ** 103;

/** Floats that JSON has no number for, by the names that protobuf's JSON mapping gives them. */
const NON_FINITE: ReadonlyMap<unknown, number> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

/** @param overflow the magnitude from which the datatype has only infinity */
const floatReader =
  (overflow: number): ReadElement<number> =>
  (element, index) => {
    if (typeof element === "number" && Math.abs(element) < overflow) return element;
    const named = NON_FINITE.get(element);
    if (named !== undefined) return named;
    const rule =
      typeof element === "number"
        ? "beyond the datatype's range"
        : 'neither a number nor "NaN", "Infinity" or "-Infinity"';
    throw new ElementRefused(index, `is ${describe(element)}, ${rule}`);
  };

const encoder = new TextEncoder();

function readText(element: unknown, index: number): Bytes {
  if (typeof element === "string" && element.isWellFormed()) return encoder.encode(element);
  throw new ElementRefused(index, `is ${describe(element)}, not a string that UTF-8 can hold`);
}

/** What stands in place of the element, never long: it goes into an error message. */
function describe(element: unknown): string {
  if (Array.isArray(element)) return "an array";
  if (typeof element === "object" && element !== null) return "an object";
  if (typeof element === "string") return "a string";
  return String(element);
}
