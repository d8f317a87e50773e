import type { Calibration } from "@infernet/schemas/calibration";
import type { ExecutionClass } from "@infernet/schemas/execution-class";
import { type Bounds, findPair, isFine } from "../compare-tolerances.ts";

/**
 * Completions of FP32 arithmetic. `deviation` is that of the logprobs and `angle` that of the choices: see
 * `measureEvidence`. The figures that these lie between are in docs/numerics.md.
 */
export const FINE_GENERATION_BOUNDS: Bounds = {
  inner: { deviation: 1e-4, angle: 1e-4 },
  outer: { deviation: 5e-4, angle: 5e-4 },
};

/**
 * Completions of arithmetic of fewer bits, where honest machines may be as far apart as INT8 weights are from FP32 ones. What
 * is told from honest ones are other texts, other seeds, dropped layers, and weights of 4 bits for wider ones.
 */
export const COARSE_GENERATION_BOUNDS: Bounds = {
  inner: { deviation: 8e-2, angle: 3e-2 },
  outer: { deviation: 2.5e-1, angle: 1.5e-1 },
};

/**
 * Where the zones end for completions made in the execution classes `a` and `b`: what was calibrated for the two, else the
 * default of their arithmetic, as `tolerancesFor` has it for tensors. Symmetric.
 */
export const generationTolerances = (
  calibration: Calibration | null,
  a: ExecutionClass,
  b: ExecutionClass,
): Bounds =>
  findPair(calibration, a, b) ?? (isFine(a, b) ? FINE_GENERATION_BOUNDS : COARSE_GENERATION_BOUNDS);
