import { join } from "node:path";
import type { ModelManifest } from "@infernet/schemas/model";
import { ChildSession } from "../child/child-session.ts";
import { startEngineChild } from "../child/start-child.ts";
import type { Engine } from "../engine.ts";
import { ownRuntime } from "../install/onnx-runtime.ts";
import type { GraphOptimization, LoadMessage } from "./load-message.ts";
import { memoryOf } from "./memory-of.ts";
import { offerRuntime, type RuntimeOptions } from "./offer-runtime.ts";
import { onnxProgram } from "./onnx-program.ts";

export interface OnnxEngineOptions extends RuntimeOptions {
  /** Anything but `all` is for measuring what it changes. */
  graph_optimization?: GraphOptimization;
}

/**
 * ONNX models on ONNX Runtime, each in a child process of its own.
 *
 * @throws EngineMissing
 */
export async function createOnnxEngine(options: OnnxEngineOptions): Promise<Engine> {
  const { offer, settled } = await offerRuntime("onnx", options);
  return { offer, load: (manifest, dir) => loadOnnxSession(settled, manifest, dir) };
}

/** @param batch_rows_max instead of the manifest's bound on the rows of one call */
export async function loadOnnxSession(
  {
    sandbox,
    threads,
    runtime = ownRuntime(),
    provider = "cpu",
    memory_bytes_max,
    graph_optimization = "all",
  }: OnnxEngineOptions,
  manifest: ModelManifest,
  dir: string,
  batch_rows_max: number | null = manifest.batch.max,
): Promise<ChildSession> {
  const { inputs, outputs } = manifest;
  const file = join(dir, manifest.entry);
  const model: LoadMessage = { file, inputs, outputs, batch_rows_max, threads, provider, graph_optimization };
  const program = onnxProgram("engine/onnx/child", {
    runtime,
    provider,
    reads: [dir],
    memory_bytes_max: memoryOf(manifest, provider, memory_bytes_max),
  });
  return ChildSession.load({
    engine: "onnx",
    model,
    start: (events) => startEngineChild(sandbox, program, events),
  });
}
