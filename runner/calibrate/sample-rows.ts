import { encodeHalf } from "@infernet/schemas/half";
import type { ModelManifest } from "@infernet/schemas/model";
import { seededRandom } from "@infernet/schemas/seeded-random";
import { elementCount, type Tensor, type TensorSpec } from "@infernet/schemas/tensor";
import { bytesOf, type FixedDatatype } from "@infernet/schemas/tensor-elements";
import { RunnerError } from "../runner-error.ts";

/**
 * Rows to compute when nobody gives any: the same for the same seed on every machine. Floats are nearly normal with mean 0
 * and deviation 1, UINT8 are whole bytes as in images, other integers 0 to 9. Throws RunnerError `usage` for inputs whose
 * form the manifest leaves open.
 */
export function sampleRows(manifest: ModelManifest, rows: number, seed: number): Tensor[] {
  const random = seededRandom(seed);
  return manifest.inputs.map((spec) => sampleTensor(spec, rows, random));
}

function sampleTensor({ name, datatype, shape }: TensorSpec, rows: number, random: () => number): Tensor {
  const row = shape.slice(1);
  const fixed = row.flatMap((size) => size ?? []);
  if (datatype === "BYTES" || fixed.length < row.length) {
    throw new RunnerError(
      "usage",
      `Nobody knows what rows of '${name}' look like: it is ${datatype}[${shape.map((size) => size ?? "any")}]. Give some with --input`,
    );
  }
  const full = [rows, ...fixed];
  return { name, datatype, shape: full, data: bytesOf(sampleElements(datatype, elementCount(full), random)) };
}

/** Sums and products alone, which are the same bits everywhere; logarithms and cosines are not. */
function sampleElements(
  datatype: FixedDatatype,
  count: number,
  random: () => number,
): ArrayBufferView<ArrayBuffer> {
  const normal = () => (random() + random() + random() + random() - 2) * Math.sqrt(3);
  const digit = () => Math.floor(random() * 10);
  const length = { length: count };
  switch (datatype) {
    case "FP16":
      return Uint16Array.from(length, () => encodeHalf(normal()));
    case "FP32":
      return Float32Array.from(length, normal);
    case "FP64":
      return Float64Array.from(length, normal);
    case "UINT8":
      return Uint8Array.from(length, () => Math.floor(random() * 256));
    case "BOOL":
      return Uint8Array.from(length, () => (random() < 0.5 ? 0 : 1));
    case "INT8":
      return Int8Array.from(length, digit);
    case "UINT16":
    case "INT16":
      return Int16Array.from(length, digit);
    case "UINT32":
    case "INT32":
      return Int32Array.from(length, digit);
    case "UINT64":
    case "INT64":
      return BigInt64Array.from(Array.from(length, () => BigInt(digit())));
    default:
      return datatype satisfies never;
  }
}
