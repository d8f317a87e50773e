import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { batchRows } from "infernet-runner/engine/onnx/plan-batches";
import type { Cleanup } from "../../network/cleanup.ts";
import type { RawTask } from "./raw-task.ts";
import type { Workload } from "./workload.ts";

export interface RawEngines {
  /** Computes all rows once, spread over the processes; the time until the last is done, in ms. */
  run: () => Promise<number>;
}

const PROGRAM = fileURLToPath(new URL("./raw-engine.ts", import.meta.url));

/** Processes with one thread each that only run the model, in the batches that a runner makes. */
export async function startRawEngines(
  workload: Workload,
  count: number,
  folder: string,
  cleanup: Cleanup,
): Promise<RawEngines> {
  const { model, rows, input } = workload;
  const files = { model: join(folder, `${model.name}.onnx`), rows: join(folder, `${model.name}.rows`) };
  writeFileSync(files.model, model.bytes);
  writeFileSync(files.rows, workload.inputOfRun(0));
  const share = Math.ceil(rows / count);
  const children = await Promise.all(
    Array.from({ length: count }, (_, n) => {
      const start = n * share;
      const batch = batchRows(model.inputs, null);
      return startChild({ ...files, input, start, count: Math.min(share, rows - start), batch }, cleanup);
    }),
  );
  return {
    run: async () => {
      const started = performance.now();
      await Promise.all(children.map(computeAll));
      return performance.now() - started;
    },
  };
}

async function computeAll(child: ChildProcess): Promise<void> {
  child.send("run");
  await once(child, "message");
}

async function startChild(task: RawTask, cleanup: Cleanup): Promise<ChildProcess> {
  const child = fork(PROGRAM, [JSON.stringify(task)]);
  cleanup.add(() => child.kill("SIGKILL"));
  const failed = once(child, "exit").then(([code]) => {
    throw new Error(`the raw engine ended with ${code} before it was ready`);
  });
  await Promise.race([once(child, "message"), failed]);
  failed.catch(() => undefined);
  return child;
}
