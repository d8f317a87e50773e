import type { Calibration } from "@infernet/schemas/calibration";
import type { ExecutionClass } from "@infernet/schemas/execution-class";
import { type Bounds, findPair, isFine } from "../compare-tolerances.ts";

/**
 * Completions of FP32 arithmetic. `deviation` is that of the logprobs and `angle` that of the choices: see `measureLogprobs`
 * and `measureChoices`. Honest machines are 0 apart after the allowance for rounding, and 5e-6 without it; weights rounded
 * to FP16, the smallest change that saves anything, are at 6e-4 at least, INT8 weights at 3e-2. All figures are in
 * docs/numerics.md.
 */
export const FINE_GENERATION_BOUNDS: Bounds = {
  inner: { deviation: 1e-4, angle: 1e-4 },
  outer: { deviation: 5e-4, angle: 5e-4 },
};

/**
 * Completions of arithmetic of fewer bits. The widest that is known of honest machines is a model whose activations are
 * rounded to 8 bits with one scale a call: computed in one pass it is up to 1.2e-1 and 4.8e-2 from itself computed step by
 * step. That is further than INT8 weights are from FP32 ones, which only a calibration can tell; what is told are other
 * texts and seeds, dropped layers, and weights of 4 bits.
 */
export const COARSE_GENERATION_BOUNDS: Bounds = {
  inner: { deviation: 1.8e-1, angle: 8e-2 },
  outer: { deviation: 3e-1, angle: 2e-1 },
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
