import { rowCount } from "@infernet/schemas/tensor-rows";
import { recordRuns } from "infernet-runner/calibrate/record-runs";
import { digestTensors, type Recording } from "infernet-runner/calibrate/recording";
import type { Subject } from "./honest-runs.ts";

/** What `infernet-runner calibrate` records of a subject on this machine's CPU. @param machine what it is called */
export async function recordOnCpu({ dir, manifest, input }: Subject, machine: string): Promise<Recording> {
  const inputs = [input];
  return {
    type: "infernet.recording.v1",
    // Any digest does: these recordings are only held against each other.
    model: digestTensors(inputs),
    input: digestTensors(inputs),
    rows: rowCount(input),
    machine,
    classes: [await recordRuns("cpu", { dir, manifest, inputs, cores: 2, onRun: () => undefined })],
  };
}
