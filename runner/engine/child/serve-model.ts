/**
 * The inside of a process that holds one model: started by `start-child.ts`, spoken to over IPC, killed when a native run
 * takes too long.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Tensor } from "@infernet/schemas/tensor";
import type { EngineRun } from "../engine.ts";
import { EngineFailure } from "../engine-failure.ts";
import { type FromChild, type RunMessage, ToChild } from "./child-message.ts";

/** A model in the process that may be killed. */
export interface ChildModel {
  /** Where it really runs, and in which precision: the last two parts of the execution class. */
  readonly execution_provider: string;
  readonly precision: string;
  /** Returns null once `isCanceled`, asked between batches, says so. */
  run(inputs: Tensor[], rows: number, isCanceled: () => boolean): Promise<EngineRun | null>;
}

/**
 * Ends this process when the one that started it is gone. A native run blocks the main thread and with it the news that
 * the runner is gone; a second thread still sees it. Resolves when that thread watches: before any model runs.
 */
export async function watchParent(): Promise<void> {
  const watchdog = new Worker(
    `const { workerData: parent } = require("node:worker_threads");
     setInterval(() => process.ppid === parent || process.kill(process.pid, "SIGKILL"), 1000);`,
    // Without a bound Node sets half a GiB aside for the code of a thread, which a limit on memory counts.
    { eval: true, stdin: false, workerData: process.ppid, resourceLimits: { codeRangeSizeMb: 8 } },
  );
  await once(watchdog, "online");
  watchdog.unref();
}

/**
 * Serves one model over IPC until the runner is gone.
 *
 * @param version of the engine, as it stands in the execution class
 * @param load makes the model ready from what the runner sent; throws `EngineFailure`
 */
export function serveModel(version: string, load: (model: unknown) => Promise<ChildModel>): void {
  const queue: RunMessage[] = [];
  const canceled = new Set<number>();
  let model: ChildModel | null = null;
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
        load(message.model).then(
          (loaded) => {
            model = loaded;
            const { execution_provider, precision } = loaded;
            send({ kind: "loaded", execution_provider, precision });
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

  send({ kind: "ready", version });
}

function failureOf(error: unknown): { code: EngineFailure["code"]; detail: string } {
  if (error instanceof EngineFailure) return { code: error.code, detail: error.message };
  return { code: "engine_error", detail: String(error) };
}
