import {
  type Bounds,
  defaultBounds,
  EXACT,
  FP32_BOUNDS,
  isExact,
} from "@infernet/protocol/compare-tolerances";
import type { CalibratedPair, Calibration, Tolerance } from "@infernet/schemas/calibration";
import { CalibrationRefused } from "./calibration-refused.ts";
import { differingSettings, type Farthest, measureSpreads, type PairSpread } from "./measure-spread.ts";
import type { Recording } from "./recording.ts";
import { renderVariation } from "./variation.ts";

/** How far beyond what nearly all honest rows keep the inner tolerance is. */
const INNER_HEADROOM = 1.5;
/** How far beyond the inner tolerance the outer one is: the angle goes with the square of the deviation, nearly. */
const OUTER_FACTOR: Tolerance = { deviation: 5, angle: 10 };
/** How far beyond the farthest honest row it is at least. */
const OUTER_HEADROOM: Tolerance = { deviation: 3, angle: 9 };

/**
 * The thresholds that follow from recordings of one model over one sample. For each pair of classes, with p99.9 and the
 * largest of all honest rows:
 *
 *     inner = max(1.5 p99.9, floor)     outer = max(5 inner, 3 largest, floor)      (angle: 10 and 9)
 *
 * The floors are the defaults for FP32, which hold what one machine does not show of others. For coarse arithmetic they are
 * the defaults for that as long as only one kind of machine was recorded, whose runs say nothing about another's. Classes
 * that must give the same bits have tolerances of 0.
 *
 * Throws CalibrationRefused where honest rows are as far apart as frauds: nothing could be told from them.
 */
export function deriveCalibration(recordings: readonly Recording[]): Calibration {
  const [first] = recordings;
  if (first === undefined) throw new RangeError("there is no recording");
  const runs = recordings.flatMap(({ classes }) =>
    classes.flatMap(({ outputs }) => outputs.flatMap((o) => o.runs)),
  );
  return {
    model: first.model,
    rows: first.rows,
    runs: runs.length,
    pairs: measureSpreads(recordings).map(derivePair),
  };
}

function derivePair(spread: PairSpread): CalibratedPair {
  const { classes, observed, machines } = spread;
  const bounds = boundsOf(spread);
  if (isExact(...classes)) {
    if (observed.deviation_max > 0) throw refusal(spread, bounds);
    return { classes, ...EXACT, observed };
  }
  const floors = bounds === FP32_BOUNDS || machines > 1 ? FP32_BOUNDS : bounds;
  const inner = {
    deviation: Math.max(INNER_HEADROOM * observed.deviation_p999, floors.inner.deviation),
    angle: Math.max(INNER_HEADROOM * observed.angle_p999, floors.inner.angle),
  };
  const { deviation, angle } = bounds.outer;
  const isBeyond =
    Math.max(inner.deviation, observed.deviation_max) > deviation ||
    Math.max(inner.angle, observed.angle_max) > angle;
  if (isBeyond) throw refusal(spread, bounds);
  const outer = {
    deviation: Math.max(
      OUTER_FACTOR.deviation * inner.deviation,
      OUTER_HEADROOM.deviation * observed.deviation_max,
      floors.outer.deviation,
    ),
    angle: Math.max(
      OUTER_FACTOR.angle * inner.angle,
      OUTER_HEADROOM.angle * observed.angle_max,
      floors.outer.angle,
    ),
  };
  return {
    classes,
    inner,
    outer: { deviation: Math.min(1, outer.deviation), angle: Math.min(2, outer.angle) },
    observed,
  };
}

/** The widest default among the outputs' datatypes. */
function boundsOf({ classes, datatypes }: PairSpread): Bounds {
  const all = datatypes.map((datatype) => defaultBounds(...classes, datatype));
  return all.find((bounds) => bounds !== FP32_BOUNDS) ?? FP32_BOUNDS;
}

function refusal({ classes, observed, farthest }: PairSpread, { outer }: Bounds): CalibrationRefused {
  const names = classes[0] === classes[1] ? `of ${classes[0]}` : `of ${classes.join(" and ")}`;
  const far = `${render(observed.deviation_max)} (1 - cos ${render(observed.angle_max)})`;
  const limit = isExact(...classes)
    ? "they must be equal"
    : `beyond ${render(outer.deviation)} (1 - cos ${render(outer.angle)}) rows count as fraud`;
  const how = farthest
    ? ` Farthest in row ${farthest.row}: ${farthest.runs.map(renderVariation).join("; against ")}.`
    : "";
  return new CalibrationRefused(
    `There is nothing to tell fraud by: honest runs ${names} are up to ${far} apart, and ${limit}.${how} ${hintFor(farthest)}`,
  );
}

function hintFor(farthest: Farthest | null): string {
  if (farthest !== null && isByBatch(farthest)) return BATCH_HINT;
  return (
    "Outputs that are picked from scores, as labels are, differ where two scores are nearly equal: return the scores. " +
    "Otherwise let only one execution class compute this model."
  );
}

const BATCH_HINT =
  "A row's output depends on the rows beside it, as with DynamicQuantizeLinear, which takes one scale for a whole batch: " +
  "register the model with batch.max 1, or with batch.joint.";

const isByBatch = ({ runs }: Farthest): boolean => differingSettings(...runs).join() === "batch";

/** What is wrong with the model though thresholds can be given: rows that depend on the rows beside them. */
export function listWarnings(recordings: readonly Recording[]): string[] {
  return measureSpreads(recordings).flatMap(({ classes: [a, b], observed, farthest }) => {
    const isDependent = a === b && observed.deviation_max > FP32_BOUNDS.outer.deviation;
    return isDependent && farthest !== null && isByBatch(farthest) ? [`${a}: ${BATCH_HINT}`] : [];
  });
}

const render = (value: number): string =>
  Number.isFinite(value) ? value.toExponential(1) : "immeasurably far";
