/**
 * The process that holds one model: started by `onnx-child.ts`, spoken to over IPC, killed when a native run takes too
 * long. Nothing else in the runner imports ONNX Runtime.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { EngineFailure } from "../engine-failure.ts";
import { type FromChild, type RunMessage, ToChild } from "./child-message.ts";
import { loadOnnxModel, type OnnxModel } from "./onnx-model.ts";
import { silenceTelemetry } from "./telemetry.ts";

const parent = process.ppid;
// A native run blocks this thread and with it the news that the runner is gone; a second thread still sees it. It runs
// before any model does, and knows the runner from before it can have died.
const watchdog = new Worker(
  `const { workerData: parent } = require("node:worker_threads");
   setInterval(() => process.ppid === parent || process.kill(process.pid, "SIGKILL"), 1000);`,
  { eval: true, stdin: false, workerData: parent },
);
await once(watchdog, "online");
watchdog.unref();

silenceTelemetry(process.env);
// The binding of 1.30.0 sees Float16Array, which Node 24 has, as empty; without it the library takes raw bits.
Reflect.deleteProperty(globalThis, "Float16Array");
const ort = await import("onnxruntime-node");

const queue: RunMessage[] = [];
const canceled = new Set<number>();
let model: OnnxModel | null = null;
let isWorking = false;
/** Runs come with rising numbers. */
let lastFinished = -1;

const send = (message: FromChild): void => {
  process.send?.(message);
};

process.on("disconnect", () => process.exit());
process.on("message", (raw) => {
  const message = ToChild.parse(raw);
  switch (message.kind) {
    case "load":
      loadOnnxModel(ort, message).then(
        (loaded) => {
          model = loaded;
          send({ kind: "loaded", precision: loaded.precision });
        },
        (error: unknown) => send({ kind: "failed", run: null, ...failureOf(error) }),
      );
      return;
    case "run":
      queue.push(message);
      void work();
      return;
    case "cancel":
      if (message.run > lastFinished) canceled.add(message.run);
      return;
    default:
      message satisfies never;
  }
});

async function work(): Promise<void> {
  if (isWorking || model === null) return;
  isWorking = true;
  for (let next = queue.shift(); next; next = queue.shift()) {
    const { run, inputs, rows } = next;
    try {
      const result = await model.run(inputs, rows, () => canceled.has(run));
      send(result ? { kind: "done", run, ...result } : { kind: "canceled", run });
    } catch (error) {
      send({ kind: "failed", run, ...failureOf(error) });
    }
    lastFinished = run;
    canceled.delete(run);
  }
  isWorking = false;
}

function failureOf(error: unknown): { code: EngineFailure["code"]; detail: string } {
  if (error instanceof EngineFailure) return { code: error.code, detail: error.message };
  return { code: "engine_error", detail: String(error) };
}

send({ kind: "ready", version: ort.env.versions.node ?? ort.env.versions.common });
