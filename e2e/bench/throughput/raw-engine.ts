/**
 * ONNX Runtime and nothing else, in a process of its own: loads a model, makes its input ready in the model's datatype,
 * and runs it in batches each time its parent says so. What the network is held against.
 */
import { readFileSync } from "node:fs";
import { Tensor } from "@infernet/schemas/tensor";
import { sliceRows } from "@infernet/schemas/tensor-rows";
import { widenTensor } from "@infernet/schemas/tensor-widen";
import { TELEMETRY_OFF } from "infernet-runner/engine/onnx/telemetry";
import { planBatches } from "infernet-runner/engine/plan-batches";
import { RawTask } from "./raw-task.ts";

Object.assign(process.env, TELEMETRY_OFF);
const { InferenceSession, Tensor: OrtTensor } = await import("onnxruntime-node");

const task = RawTask.parse(JSON.parse(process.argv[2] ?? ""));
const session = await InferenceSession.create(task.model, {
  executionProviders: ["cpu"],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  extra: { session: { x64quantprecision: "1", intra_op: { allow_spinning: "0" } } },
});
const { name, datatype, shape } = task.input;
const given = Tensor.parse({ name, datatype, shape, data: new Uint8Array(readFileSync(task.rows)) });
const batches = planBatches(task.count, task.batch).map(({ start, count }) => {
  const batch = widenTensor(sliceRows(given, task.start + start, count), "FP32");
  return { [name]: new OrtTensor("float32", new Float32Array(batch.data.slice().buffer), batch.shape) };
});

process.on("disconnect", () => process.exit());
process.on("message", () => {
  run().then(() => process.send?.("done"));
});
await session.run(batches[0] ?? {});
process.send?.("ready");

async function run(): Promise<void> {
  for (const feeds of batches) await session.run(feeds);
}
