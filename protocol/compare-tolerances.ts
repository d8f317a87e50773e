import type { Calibration, Tolerance } from "@infernet/schemas/calibration";
import type { ExecutionClass } from "@infernet/schemas/execution-class";
import type { Datatype } from "@infernet/schemas/tensor";

/** Where the zones of a comparison end. */
export interface Bounds {
  /** Up to here two rows match. */
  readonly inner: Tolerance;
  /** Beyond this it is fraud; between the two it is unclear. */
  readonly outer: Tolerance;
  /** Whether even the bits must be equal, as those of integers: then 0 is not -0, and no NaN is another. */
  readonly isBitwise?: true;
}

const NONE: Tolerance = { deviation: 0, angle: 0 };

/** Equal or fraud. */
export const EXACT: Bounds = { inner: NONE, outer: NONE };

/** Equal byte for byte, or fraud. */
export const BITWISE: Bounds = { ...EXACT, isBitwise: true };

/**
 * FP32 arithmetic. Honest rows, of networks up to 48 layers deep on ONNX Runtime 1.30 with AVX-512, AVX2, SSE4.2,
 * WebAssembly and WebGPU, at every thread count, batch size and optimisation level, are at most 7.0e-6 and 1.4e-11
 * apart: a third and a seventh of the inner tolerance. With the weights rounded to FP16, which is the smallest change that
 * saves anything, the *best* row of 512 is at 1.4e-4 and 7.6e-9, the median row at 6e-4 and 6e-8: beyond the outer one.
 * Products in NVIDIA's TF32 are of FP16's width, so they are no FP32.
 */
export const FP32_BOUNDS: Bounds = {
  inner: { deviation: 2e-5, angle: 1e-10 },
  outer: { deviation: 1e-4, angle: 1e-9 },
};

/**
 * Arithmetic of fewer bits: FP16 or BF16 inside, or 8-bit products with float steps between them. What one machine
 * accumulates in FP32 another does in FP16, and a last bit that differs moves the next rounding to 8 bits by a whole
 * step: honest rows are up to 4.9e-2 and 3.5e-4 apart. That is as far as INT8 weights in place of FP16 ones, which only a
 * calibration can tell; 4-bit weights (1.2 and 6e-2) and answers of other models are beyond the outer tolerance.
 */
export const COARSE_BOUNDS: Bounds = {
  inner: { deviation: 1e-1, angle: 1e-3 },
  outer: { deviation: 5e-1, angle: 2.5e-2 },
};

/**
 * 8-bit integers throughout where one side computes on a GPU, whose divisions need not be rounded as IEEE 754 says: a value
 * may become another integer. What is not equal goes to a referee, so that claiming a GPU lets nothing through; it is no
 * fraud until it is far off.
 */
const INT8_ON_GPU: Bounds = { inner: NONE, outer: COARSE_BOUNDS.outer };

const BOUNDLESS: Tolerance = { deviation: Number.POSITIVE_INFINITY, angle: Number.POSITIVE_INFINITY };

/**
 * Outputs of a container that nobody has calibrated. Whoever built it may have had it draw at random or look at the clock,
 * so that honest machines differ by any amount: what does not match goes to a referee, and nobody is punished for it.
 */
const CONTAINER_FLOATS: Bounds = { inner: COARSE_BOUNDS.inner, outer: BOUNDLESS };
const CONTAINER_BYTES: Bounds = { inner: NONE, outer: BOUNDLESS };

/** Engines whose programs may do other than compute. */
const FREE_ENGINES = new Set(["oci"]);

/** Precisions whose every step is exact or rounded as IEEE 754 says, so that the order of sums does not matter. */
const EXACT_PRECISIONS = new Set(["int8", "uint8", "int16", "uint16", "int32", "int64", "bool"]);
/** Providers that round divisions as IEEE 754 says. */
const ROUNDING_PROVIDERS = new Set(["cpu", "wasm"]);
/** Providers that give the same bits on every machine: WebAssembly fixes the order and rounding of each operation. */
const EXACT_PROVIDERS = new Set(["wasm"]);
/** The precision of programs whose every bit is fixed, as `wasm/1/cpu/exact`: WebAssembly with NaNs made alike. */
const BITWISE_PRECISION = "exact";
const FINE_PRECISIONS = new Set(["fp32", "fp64"]);

/**
 * Where the zones end for outputs of one datatype, made in the execution classes `a` and `b`: equality where both must
 * give the same bits, else what was calibrated for the two, else the default of their arithmetic. Symmetric.
 *
 * A class is its maker's own word, so a claim alone never makes a wrong answer match: where the two name different
 * precisions, which honest runs of one model do not, the datatype decides, and that is the manifest's. Datatypes that are
 * not floats must be equal, whatever the classes: a label that was picked by an honest tie cannot be told from a wrong one,
 * so models do better to return scores. For containers a calibration is the word of the network's operator that honest
 * machines agree: without it nothing they return is fraud.
 */
export function tolerancesFor(
  calibration: Calibration | null,
  a: ExecutionClass,
  b: ExecutionClass,
  datatype: Datatype,
): Bounds {
  const calibrated = findPair(calibration, a, b);
  if (calibrated === undefined && [a, b].every((name) => FREE_ENGINES.has(engineOf(name))))
    return isFloat(datatype) ? CONTAINER_FLOATS : CONTAINER_BYTES;
  if (!isFloat(datatype)) return EXACT;
  if (isBitwise(a, b)) return BITWISE;
  if (isExact(a, b)) return EXACT;
  return calibrated ?? defaultBounds(a, b, datatype);
}

/**
 * One of the two says that its every bit is fixed, and so it is then for whoever else ran the program: with another class
 * it would have room that no honest machine needs.
 */
const isBitwise = (a: ExecutionClass, b: ExecutionClass): boolean =>
  [a, b].some((name) => precisionOf(name) === BITWISE_PRECISION);

/** Whether the two give the same bits: 8-bit integers throughout, or one program for every machine. */
export function isExact(a: ExecutionClass, b: ExecutionClass): boolean {
  if (isBitwise(a, b)) return true;
  if (a === b && EXACT_PROVIDERS.has(providerOf(a))) return true;
  return isInteger(a, b) && [a, b].every((name) => ROUNDING_PROVIDERS.has(providerOf(name)));
}

const isInteger = (a: ExecutionClass, b: ExecutionClass): boolean =>
  precisionOf(a) === precisionOf(b) && EXACT_PRECISIONS.has(precisionOf(a));

/** What holds between machines that nobody has calibrated, for outputs that are floats. */
export function defaultBounds(a: ExecutionClass, b: ExecutionClass, datatype: Datatype): Bounds {
  if (isInteger(a, b)) return INT8_ON_GPU;
  if (datatype === "FP16") return COARSE_BOUNDS;
  return isFine(a, b) ? FP32_BOUNDS : COARSE_BOUNDS;
}

/** Whether the two are held to what FP32 keeps: they compute so, or they name different precisions. */
export const isFine = (a: ExecutionClass, b: ExecutionClass): boolean =>
  precisionOf(a) !== precisionOf(b) || FINE_PRECISIONS.has(precisionOf(a));

export type FloatDatatype = "FP16" | "FP32" | "FP64";

export const isFloat = (datatype: Datatype): datatype is FloatDatatype =>
  datatype === "FP16" || datatype === "FP32" || datatype === "FP64";

const engineOf = (name: ExecutionClass): string => name.split("/")[0] ?? "";
/** The last part of an execution class: engine/version/provider/precision. */
const precisionOf = (name: ExecutionClass): string => name.split("/")[3] ?? "";
const providerOf = (name: ExecutionClass): string => name.split("/")[2] ?? "";

/** What was calibrated for the two, in either order. */
export function findPair(
  calibration: Calibration | null,
  a: ExecutionClass,
  b: ExecutionClass,
): Bounds | undefined {
  const [first, second] = a <= b ? [a, b] : [b, a];
  return calibration?.pairs.find(({ classes }) => classes[0] === first && classes[1] === second);
}
