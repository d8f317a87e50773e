import { LIMITS } from "@infernet/schemas/limits";
import type { ModelManifest } from "@infernet/schemas/model";
import { startChild } from "../child/start-child.ts";
import type { GenerationEngine } from "../engine.ts";
import { EngineFailure } from "../engine-failure.ts";
import { memoryOf } from "../onnx/memory-of.ts";
import { offerRuntime, type RuntimeOptions, type SettledOptions } from "../onnx/offer-runtime.ts";
import { onnxProgram } from "../onnx/onnx-program.ts";
import { FromGenerator, type ToGenerator } from "./generation-message.ts";
import { LlmSession } from "./llm-session.ts";
import type { LoadMessage } from "./load-message.ts";

/** Of the memory that a model may take, what keys and values of completions may, and as much again those kept for later. */
const CACHE_SHARE = 1 / 8;

/**
 * Decoders in Hugging Face layout on ONNX Runtime, each in a child process of its own, which generates text.
 *
 * @throws EngineMissing
 */
export async function createLlmEngine(options: RuntimeOptions): Promise<GenerationEngine> {
  const { offer, settled } = await offerRuntime("llm", options);
  return { offer, loadGenerator: (manifest, dir) => loadLlmSession(settled, manifest, dir) };
}

async function loadLlmSession(
  { sandbox, threads, runtime, provider, memory_bytes_max }: SettledOptions<RuntimeOptions>,
  manifest: ModelManifest,
  dir: string,
): Promise<LlmSession> {
  const { llm, entry } = manifest;
  if (!llm)
    throw new EngineFailure("model_unloadable", "the manifest does not say how the model generates text");
  const memory = memoryOf(manifest, provider, memory_bytes_max);
  const model: LoadMessage = {
    ...{ dir, entry, threads, provider },
    context_tokens: llm.context_tokens,
    cache_bytes_max: Math.floor((memory ?? LIMITS.engine_memory_bytes_min) * CACHE_SHARE),
  };
  const program = onnxProgram("engine/llm/child", {
    runtime,
    provider,
    reads: [dir],
    memory_bytes_max: memory,
  });
  return LlmSession.load({
    model,
    start: (events) => startChild<FromGenerator, ToGenerator>(sandbox, program, FromGenerator, events),
  });
}
