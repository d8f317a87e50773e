import type { Bytes } from "../digest.ts";
import type { Tensor } from "../tensor.ts";

/** Bytes of a float, and its highest 32 bits (16 of FP16) when it is infinite, the NaN that stands for all, or -0. */
const FLOATS = {
  FP16: { size: 2, infinity: 0x7c00, nan: 0x7e00, sign: 0x8000 },
  FP32: { size: 4, infinity: 0x7f800000, nan: 0x7fc00000, sign: 0x80000000 },
  FP64: { size: 8, infinity: 0x7ff00000, nan: 0x7ff80000, sign: 0x80000000 },
} as const;

type Float = (typeof FLOATS)[keyof typeof FLOATS];

/**
 * The same numbers in one spelling: a negative zero becomes zero, and every NaN one NaN. Sealed rows can only be compared
 * byte for byte, and honest machines may differ in these. The same tensor when nothing has to be changed.
 */
export function normalizeFloats(tensor: Tensor): Tensor {
  const { datatype, data } = tensor;
  if (datatype !== "FP16" && datatype !== "FP32" && datatype !== "FP64") return tensor;
  const float = FLOATS[datatype];
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let copy: Bytes | null = null;
  for (let offset = 0; offset < data.length; offset += float.size) {
    const kind = classify(view, offset, float);
    if (kind === "ordinary") continue;
    copy ??= data.slice();
    copy.fill(0, offset, offset + float.size);
    if (kind === "nan") writeHigh(new DataView(copy.buffer), offset, float);
  }
  return copy === null ? tensor : { ...tensor, data: copy };
}

/** What has to be spelled anew. A NaN that is the one already is ordinary. */
function classify(view: DataView, offset: number, float: Float): "ordinary" | "nan" | "negative zero" {
  const high =
    float.size === 2 ? view.getUint16(offset, true) : view.getUint32(offset + float.size - 4, true);
  const low = float.size === 8 ? view.getUint32(offset, true) : 0;
  if (high === float.sign && low === 0) return "negative zero";
  const magnitude = high >= float.sign ? high - float.sign : high;
  const isNan = magnitude > float.infinity || (magnitude === float.infinity && low !== 0);
  return !isNan || (high === float.nan && low === 0) ? "ordinary" : "nan";
}

function writeHigh(view: DataView, offset: number, { size, nan }: Float): void {
  if (size === 2) view.setUint16(offset, nan, true);
  else view.setUint32(offset + size - 4, nan, true);
}
