import type { ExecutionClass } from "@infernet/schemas/execution-class";
import type { ModelManifest } from "@infernet/schemas/model";
import type { Tensor } from "@infernet/schemas/tensor";
import { rowCount } from "@infernet/schemas/tensor-rows";
import { EngineFailure } from "../engine/engine-failure.ts";
import type { OnnxRuntime } from "../engine/install/onnx-runtime.ts";
import type { Provider } from "../engine/onnx/load-message.ts";
import { loadOnnxSession } from "../engine/onnx/onnx-engine.ts";
import { plainSandbox } from "../sandbox/plain-sandbox.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { type ClassRecording, digestTensors } from "./recording.ts";
import { honestVariations, type Variation } from "./variation.ts";

/** All rows in one run, on a slow software GPU too. */
const RUN_MS_MAX = 600_000;

export interface RunsOptions {
  manifest: ModelManifest;
  /** Where the manifest's files lie under their paths. */
  dir: string;
  inputs: Tensor[];
  cores: number;
  /** Else ONNX Runtime is looked for beside this package. */
  runtime?: OnnxRuntime;
  /** Else the model runs without one. */
  sandbox?: Sandbox;
  /** Told before each run. */
  onRun(provider: Provider, variation: Variation): void;
}

/**
 * Runs a model over all rows in every honest way that a provider has here. Throws EngineFailure when it cannot run it at
 * all, as where there is no GPU.
 */
export async function recordRuns(provider: Provider, options: RunsOptions): Promise<ClassRecording> {
  const { manifest, cores } = options;
  let recording: ClassRecording | null = null;
  const byDigest = new Map<string, ClassRecording["outputs"][number]>();
  for (const variation of honestVariations(provider, manifest, cores)) {
    options.onRun(provider, variation);
    const { execution_class, tensors } = await runOnce(provider, variation, options);
    recording ??= { execution_class, outputs: [] };
    const digest = digestTensors(tensors);
    const known = byDigest.get(digest);
    if (known) {
      known.runs.push(variation);
      continue;
    }
    const output = { runs: [variation], tensors };
    byDigest.set(digest, output);
    recording.outputs.push(output);
  }
  if (recording === null) throw new EngineFailure("engine_error", `there is no run for ${provider}`);
  return recording;
}

/** The outputs of one run, in a process of its own. */
export async function runOnce(
  provider: Provider,
  { threads, batch, graph_optimization }: Variation,
  {
    manifest,
    dir,
    inputs,
    runtime,
    sandbox = plainSandbox,
  }: Pick<RunsOptions, "manifest" | "dir" | "inputs" | "runtime" | "sandbox">,
): Promise<{ execution_class: ExecutionClass; tensors: Tensor[] }> {
  const batches = [batch, manifest.batch.max].flatMap((rows) => rows ?? []);
  const session = await loadOnnxSession(
    { sandbox, threads, provider, graph_optimization, ...(runtime ? { runtime } : {}) },
    manifest,
    dir,
    batches.length === 0 ? null : Math.min(...batches),
  );
  try {
    const rows = inputs[0] === undefined ? 0 : rowCount(inputs[0]);
    const { signal } = new AbortController();
    const { outputs } = await session.run(inputs, rows, { timeout_ms: RUN_MS_MAX, signal });
    return { execution_class: session.execution_class, tensors: outputs };
  } finally {
    await session.close();
  }
}
