import { join } from "node:path";
import type { ModelManifest } from "@infernet/schemas/model";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import { ChildSession } from "../child/child-session.ts";
import { startEngineChild } from "../child/start-child.ts";
import type { Engine } from "../engine.ts";
import { type OnnxRuntime, ownRuntime } from "../install/onnx-runtime.ts";
import { memoryCap } from "../memory-cap.ts";
import type { GraphOptimization, LoadMessage, Provider } from "./load-message.ts";
import { onnxProgram } from "./onnx-program.ts";
import { assertProviderRuns } from "./probe-provider.ts";

export interface OnnxEngineOptions {
  sandbox: Sandbox;
  /** Threads of one model. */
  threads: number;
  /** Where ONNX Runtime is; else it is looked for beside this package. */
  runtime?: OnnxRuntime;
  /** Of ONNX Runtime, where the provider was tried already. */
  version?: string;
  provider?: Provider;
  /** Most bytes of memory that one model may take, where the sandbox can hold it to that; without it nothing bounds it. */
  memory_bytes_max?: number;
  /** Anything but `all` is for measuring what it changes. */
  graph_optimization?: GraphOptimization;
}

/**
 * ONNX models on ONNX Runtime, each in a child process of its own. Runs a tiny model first, in the same sandbox and on the
 * same provider, so that the offer says what will really run.
 *
 * @throws EngineMissing
 */
export async function createOnnxEngine(options: OnnxEngineOptions): Promise<Engine> {
  const { sandbox, provider = "cpu", runtime = ownRuntime() } = options;
  const version = options.version ?? (await assertProviderRuns(sandbox, runtime, provider));
  return {
    offer: {
      engine: "onnx",
      version,
      execution_provider: provider,
      formats: ["onnx"],
      sandbox: sandbox.level,
    },
    load: (manifest, dir) => loadOnnxSession({ ...options, runtime }, manifest, dir),
  };
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

/** What a manifest says is about the memory that the model lies in: on a GPU that is not the one which is limited here. */
export function memoryOf(
  { memory_bytes }: ModelManifest,
  provider: Provider,
  limit: number | undefined,
): number | null {
  if (limit === undefined) return null;
  return provider === "cpu" ? memoryCap(memory_bytes, limit) : limit;
}
