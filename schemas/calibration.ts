import { z } from "zod";
import { Sha256 } from "./digest.ts";
import { ExecutionClass } from "./execution-class.ts";
import { LIMITS } from "./limits.ts";

/** Pairs of classes of one model: enough for twenty classes. */
const PAIRS_MAX = 210;
const RUNS_MAX = 100_000;

/** How far apart two outputs of one row may be. Both must hold. */
export const Tolerance = z.strictObject({
  /** Largest |a - b| / (|b| + rms) of the row's numbers. */
  deviation: z.number().min(0).max(1),
  /** 1 - cos of the angle between the two rows as vectors. */
  angle: z.number().min(0).max(2),
});
export type Tolerance = z.infer<typeof Tolerance>;

const spread = z.number().min(0);

/** How far apart honest outputs were, row by row. */
export const Spread = z.strictObject({
  /** Rows compared, each pair of different outputs counted. */
  rows: z.int().min(0),
  /** The value that 99.9 % of them are at or below, and the largest. */
  deviation_p999: spread,
  deviation_max: spread,
  angle_p999: spread,
  angle_max: spread,
});
export type Spread = z.infer<typeof Spread>;

/** What two execution classes of a model were found to differ by, and the thresholds that follow. */
export const CalibratedPair = z
  .strictObject({
    /** In the order of their texts; the same one twice for runs within a class. */
    classes: z.tuple([ExecutionClass, ExecutionClass]),
    /** Up to here two rows are the same. */
    inner: Tolerance,
    /** Beyond this they are not; between the two it cannot be told. */
    outer: Tolerance,
    observed: Spread,
  })
  .refine(({ classes: [a, b] }) => a <= b, {
    message: "are not in the order of their texts",
    path: ["classes"],
  })
  .refine(({ inner, outer }) => inner.deviation <= outer.deviation && inner.angle <= outer.angle, {
    message: "is narrower than the inner tolerance",
    path: ["outer"],
  });
export type CalibratedPair = z.infer<typeof CalibratedPair>;

/** Thresholds of one model, from runs of honest machines over the same rows (`infernet-runner calibrate`). */
export const Calibration = z
  .strictObject({
    model: Sha256,
    /** Sample rows that every run computed. */
    rows: z.int().min(1).max(LIMITS.rows_per_job_max),
    /** Runs over them, of all classes together. */
    runs: z.int().min(1).max(RUNS_MAX),
    pairs: z.array(CalibratedPair).min(1).max(PAIRS_MAX),
  })
  .refine(({ pairs }) => new Set(pairs.map(({ classes }) => classes.join(" "))).size === pairs.length, {
    message: "has a pair of classes twice",
    path: ["pairs"],
  })
  .meta({ id: "Calibration" });
export type Calibration = z.infer<typeof Calibration>;
