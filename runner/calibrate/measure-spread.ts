import { bytesEqual } from "@infernet/protocol/compare-bytes";
import { measureRows, SMALLEST_NORMAL } from "@infernet/protocol/compare-floats";
import { isFloat } from "@infernet/protocol/compare-tolerances";
import type { Spread } from "@infernet/schemas/calibration";
import type { ExecutionClass } from "@infernet/schemas/execution-class";
import { type Datatype, elementCount, type Tensor } from "@infernet/schemas/tensor";
import { numbersOf } from "@infernet/schemas/tensor-elements";
import { rowCount } from "@infernet/schemas/tensor-rows";
import type { Recording } from "./recording.ts";
import type { Variation } from "./variation.ts";

/** One distinct output, where it came from and how. */
interface Sample {
  machine: string;
  runs: readonly Variation[];
  tensors: readonly Tensor[];
}

/** The two runs that are farthest apart. */
export interface Farthest {
  machines: [string, string];
  runs: [Variation, Variation];
  row: number;
}

/** How far apart the honest outputs of two classes are. */
export interface PairSpread {
  classes: [ExecutionClass, ExecutionClass];
  /** Of the outputs that are floats. */
  datatypes: Datatype[];
  observed: Spread;
  /** Different processors that the outputs come from. */
  machines: number;
  /** Null where all are equal. */
  farthest: Farthest | null;
}

/**
 * The spread within each class and between each two, over all recordings: every two different outputs are compared, row by
 * row, a row's distance being that of its worst tensor. Where something that must be equal is not (a label, a value that is
 * not finite) the distance is infinite.
 */
export function measureSpreads(recordings: readonly Recording[]): PairSpread[] {
  const byClass = new Map<ExecutionClass, Sample[]>();
  for (const { machine, classes } of recordings)
    for (const { execution_class, outputs } of classes) {
      const samples = byClass.get(execution_class) ?? [];
      byClass.set(execution_class, samples);
      samples.push(...outputs.map((output) => ({ machine, ...output })));
    }
  const names = [...byClass.keys()].sort();
  return names.flatMap((a, i) =>
    names.slice(i).map((b) => measurePair([a, b], byClass.get(a) ?? [], byClass.get(b) ?? [])),
  );
}

function measurePair(
  classes: PairSpread["classes"],
  as: readonly Sample[],
  bs: readonly Sample[],
): PairSpread {
  const isWithin = classes[0] === classes[1];
  const pairs = as.flatMap((a, i) => (isWithin ? bs.slice(i + 1) : bs).map((b) => ({ a, b })));
  const deviations: number[] = [];
  const angles: number[] = [];
  let farthest: Farthest | null = null;
  let largest = 0;
  for (const { a, b } of pairs) {
    const { deviation, angle } = measureOutputs(a.tensors, b.tensors);
    for (const [row, value] of deviation.entries()) {
      deviations.push(value);
      angles.push(angle[row] ?? 0);
      if (value <= largest) continue;
      largest = value;
      farthest = { machines: [a.machine, b.machine], runs: mostAlike(a.runs, b.runs), row };
    }
  }
  const tensors = [...as, ...bs].flatMap((sample) => sample.tensors);
  return {
    classes,
    datatypes: [...new Set(tensors.map(({ datatype }) => datatype).filter(isFloat))],
    machines: new Set([...as, ...bs].map(({ machine }) => machine)).size,
    observed: {
      rows: deviations.length,
      deviation_p999: quantile(deviations, 0.999),
      deviation_max: largest,
      angle_p999: quantile(angles, 0.999),
      angle_max: angles.reduce((most, value) => Math.max(most, value), 0),
    },
    farthest,
  };
}

/** Each row's distances, over all tensors. Outputs of one model have one form, or the recordings are not of one model. */
function measureOutputs(a: readonly Tensor[], b: readonly Tensor[]) {
  const rows = a[0] === undefined ? 0 : rowCount(a[0]);
  const deviation = new Float64Array(rows);
  const angle = new Float64Array(rows);
  for (const x of a) {
    const y = b.find(({ name }) => name === x.name);
    if (y !== undefined && bytesEqual(x.data, y.data)) continue;
    if (y === undefined || y.shape.join() !== x.shape.join() || !isFloat(x.datatype)) {
      deviation.fill(Number.POSITIVE_INFINITY);
      continue;
    }
    const columns = elementCount(x.shape.slice(1));
    const distances = measureRows(
      numbersOf(x.datatype, x.data),
      numbersOf(x.datatype, y.data),
      columns,
      SMALLEST_NORMAL[x.datatype],
    );
    for (let row = 0; row < rows; row++) {
      deviation[row] = Math.max(deviation[row] ?? 0, distances.deviation[row] ?? 0);
      angle[row] = Math.max(angle[row] ?? 0, distances.angle[row] ?? 0);
    }
  }
  return { deviation, angle };
}

/** Of the runs that gave one output and those that gave another, the two that differ in the fewest settings. */
function mostAlike(as: readonly Variation[], bs: readonly Variation[]): [Variation, Variation] {
  let best: { runs: [Variation, Variation]; settings: number } | null = null;
  for (const a of as)
    for (const b of bs) {
      const settings = differingSettings(a, b).length;
      if (best === null || settings < best.settings) best = { runs: [a, b], settings };
    }
  if (best === null) throw new RangeError("an output comes from no run");
  return best.runs;
}

export const differingSettings = (a: Variation, b: Variation): (keyof Variation)[] =>
  (["threads", "batch", "graph_optimization"] as const).filter((setting) => a[setting] !== b[setting]);

/** The value that a share `q` of the sample is at or below (nearest rank), 0 of an empty one. */
function quantile(sample: number[], q: number): number {
  const sorted = Float64Array.from(sample).sort();
  return sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1] ?? 0;
}
