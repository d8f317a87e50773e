import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { batchRows } from "infernet-runner/engine/plan-batches";
import type { Cleanup } from "../../network/cleanup.ts";
import type { RawTask } from "./raw-task.ts";
import type { Workload } from "./workload.ts";

export interface RawEngines {
  /**
   * Computes all rows once, spread over the processes; their rows a second, added up. Each counts for as long as it has
   * work, so that one that ends early is no loss: the highest figure that these cores give.
   */
  run: () => Promise<number>;
}

const PROGRAM = fileURLToPath(new URL("./raw-engine.ts", import.meta.url));

/** Processes with one thread each that only run the model, in the batches that a runner makes. */
export async function startRawEngines(
  workload: Workload,
  processes: number,
  folder: string,
  cleanup: Cleanup,
): Promise<RawEngines> {
  const { model, rows, input } = workload;
  const files = { model: join(folder, `${model.name}.onnx`), rows: join(folder, `${model.name}.rows`) };
  writeFileSync(files.model, model.bytes);
  writeFileSync(files.rows, workload.inputOfRun(0));
  const share = Math.ceil(rows / processes);
  const children = await Promise.all(
    Array.from({ length: processes }, async (_, n) => {
      const start = n * share;
      const count = Math.min(share, rows - start);
      const batch = batchRows(model.inputs, null);
      return { count, child: await startChild({ ...files, input, start, count, batch }, cleanup) };
    }),
  );
  return {
    run: async () => {
      const rates = await Promise.all(children.map(({ child, count }) => computeAll(child, count)));
      return rates.reduce((sum, rate) => sum + rate, 0);
    },
  };
}

/** @returns rows a second */
async function computeAll(child: ChildProcess, rows: number): Promise<number> {
  const started = performance.now();
  child.send("run");
  await once(child, "message");
  return (rows * 1_000) / (performance.now() - started);
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
