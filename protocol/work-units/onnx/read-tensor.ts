import type { PbfReader } from "pbf";
import { COUNT_LIMITS } from "../count-limits.ts";
import { Uncountable } from "../uncountable.ts";
import { ELEMENT, type OnnxTensor } from "./onnx-model.ts";
import { readEnd, readFloats, readInteger, readIntegers, readMessage, readName } from "./wire.ts";

/** TensorProto.DataLocation: the data lie in another file. */
const EXTERNAL = 1;

interface Data {
  /** Numbers of `int32_data`, `int64_data` or `float_data`, at most one more than are followed. */
  typed: number[];
  /** `raw_data`: a view into the file. */
  raw: Uint8Array | null;
  external: boolean;
}

/** A TensorProto, without its data where these are many. */
export function readTensor(reader: PbfReader): OnnxTensor {
  const tensor: OnnxTensor = { name: "", dims: [], element_type: 0, numbers: null };
  const data: Data = { typed: [], raw: null, external: false };
  readMessage(reader, (field) => readField(reader, field, tensor, data));
  assertDims(tensor.dims);
  tensor.numbers = followedNumbers(tensor, data);
  return tensor;
}

function readField(reader: PbfReader, field: number, tensor: OnnxTensor, data: Data): void {
  const typedMax = COUNT_LIMITS.values_per_tensor_max + 1;
  const ignore = () => {};
  switch (field) {
    case 1:
      readIntegers(reader, tensor.dims, COUNT_LIMITS.dimensions_max, tooManyDims);
      return;
    case 2:
      tensor.element_type = readInteger(reader);
      return;
    case 4:
      readFloats(reader, data.typed, typedMax, ignore);
      return;
    case 5:
    case 7:
      readIntegers(reader, data.typed, typedMax, ignore);
      return;
    case 8:
      tensor.name = readName(reader);
      return;
    case 9: {
      const end = readEnd(reader);
      data.raw = reader.buf.subarray(reader.pos, end);
      reader.pos = end;
      return;
    }
    case 14:
      data.external = readInteger(reader) === EXTERNAL;
  }
}

function tooManyDims(): never {
  throw new Uncountable(`has a tensor of more than ${COUNT_LIMITS.dimensions_max} dimensions`);
}

function assertDims(dims: number[]): void {
  for (const dim of dims)
    if (!(dim >= 0 && dim < Number.MAX_SAFE_INTEGER))
      throw new Uncountable(`has a tensor with a dimension of ${dim}`);
}

function followedNumbers({ dims, element_type }: OnnxTensor, data: Data): number[] | null {
  const count = dims.reduce((product, dim) => product * dim, 1);
  if (data.external || count > COUNT_LIMITS.values_per_tensor_max) return null;
  const numbers = data.raw === null ? data.typed : rawNumbers(data.raw, element_type, count);
  return numbers?.length === count && isFollowed(element_type) ? numbers : null;
}

const isFollowed = (type: number): boolean =>
  type === ELEMENT.FLOAT || type === ELEMENT.INT32 || type === ELEMENT.INT64 || type === ELEMENT.BOOL;

/** The numbers of little-endian raw data, or null where there are not `count` of them. */
function rawNumbers(raw: Uint8Array, type: number, count: number): number[] | null {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const numbers = (bytes: number, read: (at: number) => number) =>
    raw.byteLength === count * bytes ? Array.from({ length: count }, (_, i) => read(i * bytes)) : null;
  switch (type) {
    case ELEMENT.FLOAT:
      return numbers(4, (at) => view.getFloat32(at, true));
    case ELEMENT.INT32:
      return numbers(4, (at) => view.getInt32(at, true));
    case ELEMENT.INT64:
      return numbers(8, (at) => readInt64(view, at));
    case ELEMENT.BOOL:
      return numbers(1, (at) => view.getUint8(at));
    default:
      return null;
  }
}

function readInt64(view: DataView, at: number): number {
  const value = Number(view.getBigInt64(at, true));
  if (Number.isSafeInteger(value)) return value;
  return value < 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
