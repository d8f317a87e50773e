import type { Tensor } from "@infernet/schemas/tensor";
import { deriveCalibration } from "infernet-runner/calibrate/derive-calibration";
import { afterAll, describe, expect, it } from "vitest";
import { createTempFolder } from "../network/temp-folder.ts";
import { compareRuns, pairsOf } from "./compare-runs.ts";
import { FEW, runOnCpu, runOnWasm, runOnWebGpu } from "./honest-runs.ts";
import { recordOnCpu } from "./record-on-cpu.ts";
import { coarseSubjects } from "./subjects.ts";

const folder = createTempFolder();
afterAll(() => folder.remove());

describe.each(coarseSubjects(folder.path))("arithmetic of fewer bits", (subject) => {
  it("matches in every row between providers", async () => {
    const honest = [
      ...(await runOnCpu(subject, FEW)),
      ...(await runOnWasm(subject, [subject.manifest.batch.max ?? 128])),
      ...(await runOnWebGpu(subject)),
    ];
    for (const [a, b] of pairsOf(honest)) {
      expect(a.execution_class).toMatch(/(fp16|int8\+fp32)$/);
      expect(compareRuns(a, b), `${a.execution_class} against ${b.execution_class}`).toMatchObject({
        zone: "match",
        rows: { unclear: 0 },
      });
    }
  });
});

it("is told from weights of fewer bits still once machines of two kinds are calibrated", async () => {
  const [half] = coarseSubjects(folder.path);
  if (!half) throw new Error("there is no FP16 model");
  const recording = await recordOnCpu(half, "one kind");
  const [recorded] = recording.classes;
  const honest = recorded?.outputs.map(({ tensors }) => ({ ...recorded, tensors })) ?? [];
  const [run] = honest;
  if (!run) throw new Error("there is no run");
  const wrong = { ...run, tensors: run.tensors.map(nudge) };
  expect(compareRuns(wrong, run).zone).toBe("match");
  expect(compareRuns(wrong, run, deriveCalibration([recording])).zone).toBe("match");
  const calibration = deriveCalibration([recording, { ...recording, machine: "another kind" }]);
  expect(compareRuns(wrong, run, calibration).zone).toBe("fraud");
  for (const [a, b] of pairsOf(honest)) expect(compareRuns(a, b, calibration).zone).toBe("match");
});

/** Every number a hundredth off, in one direction and the other: as far as 8-bit weights are. */
function nudge(tensor: Tensor): Tensor {
  const values = new Float32Array(tensor.data.slice().buffer);
  const nudged = values.map((value, i) => value * (i % 2 === 0 ? 0.99 : 1.01));
  return { ...tensor, data: new Uint8Array(nudged.buffer) };
}
