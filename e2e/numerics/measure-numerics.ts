import type { RowComparison } from "@infernet/protocol/compare";
import { measureRows, type RowDistances, SMALLEST_NORMAL } from "@infernet/protocol/compare-floats";
import { elementCount, type Tensor } from "@infernet/schemas/tensor";
import { numbersOf } from "@infernet/schemas/tensor-elements";
import { measureSpreads, type PairSpread } from "infernet-runner/calibrate/measure-spread";
import { digestTensors } from "infernet-runner/calibrate/recording";
import { compareRuns } from "./compare-runs.ts";
import { type HonestRun, runOnCpu, runOnWasm, runOnWebGpu, type Subject, USUAL } from "./honest-runs.ts";
import { runFrauds } from "./run-frauds.ts";
import type { CheatedSubject } from "./subjects.ts";

/** Every way in which a machine may run a model honestly: each distinct output of each class once. */
export async function runHonestly(subject: Subject): Promise<HonestRun[]> {
  const { max } = subject.manifest.batch;
  return [
    ...(await runOnCpu(subject)),
    ...(await runOnWasm(subject, max === null ? [1, 7, 128] : [max])),
    ...(await runOnWebGpu(subject)),
  ];
}

/** How far apart the classes' outputs are. */
export function spreadsOf(subject: Subject, runs: readonly HonestRun[]): PairSpread[] {
  const digest = digestTensors([subject.input]);
  return measureSpreads([
    {
      type: "infernet.recording.v1",
      model: digest,
      input: digest,
      rows: subject.input.shape[0] ?? 0,
      machine: "this one",
      classes: [...new Set(runs.map((run) => run.execution_class))].map((execution_class) => ({
        execution_class,
        outputs: runs
          .filter((run) => run.execution_class === execution_class)
          .map(({ tensors }) => ({ runs: [USUAL], tensors })),
      })),
    },
  ]);
}

export interface FraudDistance {
  what: string;
  distances: RowDistances;
  compared: RowComparison;
}

/** How far the rows of each fraud are from the honest ones. */
export async function measureFrauds(subject: CheatedSubject, honest: HonestRun): Promise<FraudDistance[]> {
  const frauds = await runFrauds(subject, honest);
  return frauds.map(({ what, tensors }) => ({
    what,
    distances: distancesOf(honest.tensors[0], tensors[0]),
    compared: compareRuns({ ...honest, tensors }, honest),
  }));
}

function distancesOf(a: Tensor | undefined, b: Tensor | undefined): RowDistances {
  if (a === undefined || b === undefined) throw new Error("there is no output");
  const columns = elementCount(a.shape.slice(1));
  return measureRows(numbersOf("FP32", a.data), numbersOf("FP32", b.data), columns, SMALLEST_NORMAL.FP32);
}
