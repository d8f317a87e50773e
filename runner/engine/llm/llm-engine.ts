import { LIMITS } from "@infernet/schemas/limits";
import type { ModelManifest } from "@infernet/schemas/model";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import { startChild } from "../child/start-child.ts";
import type { GenerationEngine } from "../engine.ts";
import { EngineFailure } from "../engine-failure.ts";
import { type OnnxRuntime, ownRuntime } from "../install/onnx-runtime.ts";
import { memoryCap } from "../memory-cap.ts";
import type { Provider } from "../onnx/load-message.ts";
import { onnxProgram } from "../onnx/onnx-program.ts";
import { assertProviderRuns } from "../onnx/probe-provider.ts";
import { FromGenerator, type ToGenerator } from "./generation-message.ts";
import { LlmSession } from "./llm-session.ts";
import type { LoadMessage } from "./load-message.ts";

export interface LlmEngineOptions {
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

/** Of the memory that a model may take, what keys and values of completions may, and as much again those kept for later. */
const CACHE_SHARE = 1 / 8;

/**
 * Decoders in Hugging Face layout on ONNX Runtime, each in a child process of its own, which generates text.
 *
 * @throws EngineMissing
 */
export async function createLlmEngine(options: LlmEngineOptions): Promise<GenerationEngine> {
  const { sandbox, provider = "cpu", runtime = ownRuntime() } = options;
  const version = options.version ?? (await assertProviderRuns(sandbox, runtime, provider));
  return {
    offer: {
      engine: "llm",
      version,
      execution_provider: provider,
      formats: ["llm"],
      sandbox: sandbox.level,
    },
    loadGenerator: (manifest, dir) => loadLlmSession({ ...options, runtime }, manifest, dir),
  };
}

async function loadLlmSession(
  {
    sandbox,
    threads,
    runtime,
    provider = "cpu",
    memory_bytes_max,
  }: LlmEngineOptions & { runtime: OnnxRuntime },
  manifest: ModelManifest,
  dir: string,
): Promise<LlmSession> {
  const { llm, entry } = manifest;
  if (!llm)
    throw new EngineFailure("model_unloadable", "the manifest does not say how the model generates text");
  const memory = memory_bytes_max === undefined ? null : capOf(manifest, provider, memory_bytes_max);
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

/** What a manifest says is about the memory that the model lies in: on a GPU that is not the one which is limited here. */
const capOf = ({ memory_bytes }: ModelManifest, provider: Provider, limit: number): number =>
  provider === "cpu" ? memoryCap(memory_bytes, limit) : limit;
