import type { ModelManifest } from "@infernet/schemas/model";
import { ChildSession } from "../child/child-session.ts";
import { startEngineChild } from "../child/start-child.ts";
import type { Engine } from "../engine.ts";
import { EngineFailure } from "../engine-failure.ts";
import { memoryOf } from "../onnx/memory-of.ts";
import { offerRuntime, type RuntimeOptions, type SettledOptions } from "../onnx/offer-runtime.ts";
import { onnxProgram } from "../onnx/onnx-program.ts";
import type { LoadMessage } from "./load-message.ts";

/**
 * Encoders in Hugging Face layout on ONNX Runtime, each in a child process of its own: a text becomes a vector.
 *
 * @throws EngineMissing
 */
export async function createEmbeddingsEngine(options: RuntimeOptions): Promise<Engine> {
  const { offer, settled } = await offerRuntime("embeddings", options);
  return { offer, load: (manifest, dir) => loadEmbeddingsSession(settled, manifest, dir) };
}

async function loadEmbeddingsSession(
  { sandbox, threads, runtime, provider, memory_bytes_max }: SettledOptions<RuntimeOptions>,
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
