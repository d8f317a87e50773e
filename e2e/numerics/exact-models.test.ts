import { EXACT, tolerancesFor } from "@infernet/protocol/compare-tolerances";
import { CalibrationRefused } from "infernet-runner/calibrate/calibration-refused";
import { deriveCalibration } from "infernet-runner/calibrate/derive-calibration";
import { afterAll, describe, expect, it } from "vitest";
import { createTempFolder } from "../network/temp-folder.ts";
import { compareRuns, pairsOf } from "./compare-runs.ts";
import { runOnCpu, runOnWasm } from "./honest-runs.ts";
import { recordOnCpu } from "./record-on-cpu.ts";
import { batchDependentSubject, exactSubjects } from "./subjects.ts";

const folder = createTempFolder();
afterAll(() => folder.remove());

describe.each(exactSubjects(folder.path))("8-bit integers throughout", (subject) => {
  it("gives the same bits whatever the threads, batches and optimisation, and on WebAssembly", async () => {
    const native = await runOnCpu(subject);
    expect(native).toHaveLength(1);
    const honest = [
      ...native,
      ...(await runOnWasm(subject, subject.manifest.batch.max === 1 ? [1] : [1, 7, 128])),
    ];
    for (const [a, b] of pairsOf(honest)) {
      expect(b.tensors.map(({ data }) => data)).toEqual(a.tensors.map(({ data }) => data));
      expect(tolerancesFor(null, a.execution_class, b.execution_class, "FP32")).toBe(EXACT);
    }
    const [run] = honest;
    if (!run) throw new Error("there is no run");
    const tensors = run.tensors.map((tensor) => {
      const data = tensor.data.slice();
      data[4] = (data[4] ?? 0) ^ 1;
      return { ...tensor, data };
    });
    expect(compareRuns({ ...run, tensors }, run)).toMatchObject({ zone: "fraud", rows: { fraud: 1 } });
  });
});

it("says that rows depend on the rows beside them, where a scale is taken from a whole batch", async () => {
  const recording = await recordOnCpu(batchDependentSubject(folder.path), "this one");
  expect(() => deriveCalibration([recording])).toThrow(CalibrationRefused);
  expect(() => deriveCalibration([recording])).toThrow(/they must be equal.*rows beside it.*batch\.max 1/);
});
