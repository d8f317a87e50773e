import { join } from "node:path";
import { RunnerError } from "../../runner-error.ts";
import type { Engine } from "../engine.ts";
import type { GraphOptimization, Provider } from "./child-message.ts";
import { startOnnxChild } from "./onnx-child.ts";
import { OnnxSession } from "./onnx-session.ts";

export interface OnnxEngineOptions {
  /** Threads of one model. */
  threads: number;
  provider?: Provider;
  /** Anything but `all` is for measuring what it changes. */
  graph_optimization?: GraphOptimization;
}

/**
 * ONNX models on ONNX Runtime, each in a child process of its own. Starts one to learn that the runtime works on this
 * machine and which version it is, so that the offer says what will really run.
 */
export async function createOnnxEngine(options: OnnxEngineOptions): Promise<Engine> {
  const { threads, provider = "cpu", graph_optimization = "all" } = options;
  return {
    offer: { engine: "onnx", version: await probeVersion(), execution_provider: provider, formats: ["onnx"] },
    load: (manifest, dir) =>
      OnnxSession.load({
        kind: "load",
        file: join(dir, manifest.entry),
        inputs: manifest.inputs,
        outputs: manifest.outputs,
        batch_rows_max: manifest.batch.max,
        threads,
        provider,
        graph_optimization,
      }),
  };
}

function probeVersion(): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = startOnnxChild({
      onMessage: (message) => {
        if (message.kind !== "ready") return;
        resolve(message.version);
        child.kill();
      },
      onExit: (how) =>
        reject(new RunnerError("engine_missing", `ONNX Runtime does not start: its process ${how}`)),
    });
  });
}
