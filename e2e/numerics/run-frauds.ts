import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Bytes } from "@infernet/schemas/digest";
import type { Tensor } from "@infernet/schemas/tensor";
import { gatherRows, rowCount } from "@infernet/schemas/tensor-rows";
import { runOnce } from "infernet-runner/calibrate/record-runs";
import { type HonestRun, USUAL } from "./honest-runs.ts";
import type { CheatedSubject } from "./subjects.ts";

export interface Fraud {
  what: string;
  tensors: Tensor[];
}

/** What each fraud gives in the place of the subject's outputs, on this machine's CPU. */
export async function runFrauds(subject: CheatedSubject, honest: HonestRun): Promise<Fraud[]> {
  const frauds: Fraud[] = [{ what: "a cached old answer", tensors: honest.tensors.map(shiftRows) }];
  for (const [what, file] of Object.entries(subject.frauds))
    frauds.push({ what, tensors: await runFraud(subject, what, file) });
  return frauds;
}

/** The outputs of another file in the place of the subject's. */
export async function runFraud(subject: CheatedSubject, what: string, file: Bytes): Promise<Tensor[]> {
  const { dir, manifest, input } = subject;
  const entry = `${what.replaceAll(" ", "-")}.onnx`;
  writeFileSync(join(dir, entry), file);
  const { tensors } = await runOnce("cpu", USUAL, { dir, manifest: { ...manifest, entry }, inputs: [input] });
  return tensors;
}

/** The answers to other rows: each row has that of the row before it. */
function shiftRows(tensor: Tensor): Tensor {
  const last = rowCount(tensor) - 1;
  return gatherRows(tensor, [
    { start: last, count: 1 },
    { start: 0, count: last },
  ]);
}
