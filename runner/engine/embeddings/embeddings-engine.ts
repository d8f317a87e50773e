import type { ModelManifest } from "@infernet/schemas/model";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import { ChildSession } from "../child/child-session.ts";
import { startEngineChild } from "../child/start-child.ts";
import type { Engine } from "../engine.ts";
import { EngineFailure } from "../engine-failure.ts";
import { type OnnxRuntime, ownRuntime } from "../install/onnx-runtime.ts";
import type { Provider } from "../onnx/load-message.ts";
import { memoryOf } from "../onnx/onnx-engine.ts";
import { onnxProgram } from "../onnx/onnx-program.ts";
import { assertProviderRuns } from "../onnx/probe-provider.ts";
import type { LoadMessage } from "./load-message.ts";

export interface EmbeddingsEngineOptions {
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
}

/**
 * Encoders in Hugging Face layout on ONNX Runtime, each in a child process of its own: a text becomes a vector.
 *
 * @throws EngineMissing
 */
export async function createEmbeddingsEngine(options: EmbeddingsEngineOptions): Promise<Engine> {
  const { sandbox, provider = "cpu", runtime = ownRuntime() } = options;
  const version = options.version ?? (await assertProviderRuns(sandbox, runtime, provider));
  return {
    offer: {
      engine: "embeddings",
      version,
      execution_provider: provider,
      formats: ["embeddings"],
      sandbox: sandbox.level,
    },
    load: (manifest, dir) => loadEmbeddingsSession({ ...options, runtime, provider }, manifest, dir),
  };
}

async function loadEmbeddingsSession(
  {
    sandbox,
    threads,
    runtime,
    provider,
    memory_bytes_max,
  }: EmbeddingsEngineOptions & { runtime: OnnxRuntime; provider: Provider },
  manifest: ModelManifest,
  dir: string,
): Promise<ChildSession> {
  const { entry, inputs, outputs, embeddings: settings, batch } = manifest;
  if (!settings)
    throw new EngineFailure("model_unloadable", "the manifest does not say how texts become vectors");
  const model: LoadMessage = {
    ...{ dir, entry, inputs, outputs, settings, threads, provider },
    batch_rows_max: batch.max,
  };
  const program = onnxProgram("engine/embeddings/child", {
    runtime,
    provider,
    reads: [dir],
    memory_bytes_max: memoryOf(manifest, provider, memory_bytes_max),
  });
  return ChildSession.load({
    engine: "embeddings",
    model,
    start: (events) => startEngineChild(sandbox, program, events),
  });
}
