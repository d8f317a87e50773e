import type { Tensor } from "@infernet/schemas/tensor";
import { isFixed, viewElements } from "@infernet/schemas/tensor-elements";
import { EngineFailure } from "./engine-failure.ts";

/** Of a half-precision number: all bits of the exponent, and those of the fraction. */
const HALF_EXPONENT = 0x7c00;
const HALF_FRACTION = 0x03ff;

/**
 * Refuses outputs that are not numbers. Nobody can use a NaN, and it spreads: who gets one in a row should hear of it
 * instead of paying for it.
 *
 * @param firstRow the shard's row that the tensors' first row is
 * @throws EngineFailure `output_mismatch` that names the output and the row
 */
export function assertNumbers(outputs: readonly Tensor[], firstRow: number): void {
  for (const output of outputs) {
    const at = findNaN(output);
    if (at === -1) continue;
    const perRow = output.shape.slice(1).reduce((product, size) => product * size, 1);
    const row = firstRow + Math.floor(at / perRow);
    throw new EngineFailure(
      "output_mismatch",
      `output '${output.name}' is not a number (NaN) in row ${row} of the shard: the row is outside what the model can compute, or its weights are damaged; run that row alone to see`,
    );
  }
}

/** Index of the first element that is not a number, or -1. */
function findNaN(output: Tensor): number {
  if (!isFixed(output)) return -1;
  switch (output.datatype) {
    case "FP32":
      return indexOfNaN(viewElements("FP32", output.data));
    case "FP64":
      return indexOfNaN(viewElements("FP64", output.data));
    case "FP16":
      return indexOfHalfNaN(viewElements("FP16", output.data));
    default:
      return -1;
  }
}

/** `includes` takes a nanosecond an element, `findIndex` forty: the second is for the shard that fails. */
const indexOfNaN = (values: Float32Array | Float64Array): number =>
  values.includes(Number.NaN) ? values.findIndex(Number.isNaN) : -1;

function indexOfHalfNaN(bits: Uint16Array): number {
  for (let i = 0; i < bits.length; i++) {
    const value = bits[i] ?? 0;
    if ((value & HALF_EXPONENT) === HALF_EXPONENT && (value & HALF_FRACTION) !== 0) return i;
  }
  return -1;
}
