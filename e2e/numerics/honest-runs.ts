import { availableParallelism } from "node:os";
import type { ExecutionClass } from "@infernet/schemas/execution-class";
import type { ModelManifest } from "@infernet/schemas/model";
import type { Tensor } from "@infernet/schemas/tensor";
import { runOnce } from "infernet-runner/calibrate/record-runs";
import { digestTensors } from "infernet-runner/calibrate/recording";
import { honestVariations, renderVariation, type Variation } from "infernet-runner/calibrate/variation";
import { EngineFailure } from "infernet-runner/engine/engine-failure";
import type { Provider } from "infernet-runner/engine/onnx/load-message";
import { runWasm } from "./run-wasm.ts";

/** One distinct output of an honest machine. */
export interface HonestRun {
  execution_class: ExecutionClass;
  /** The settings that gave it, for whoever reads a failure. */
  how: string;
  tensors: Tensor[];
}

export interface Subject {
  dir: string;
  manifest: ModelManifest;
  input: Tensor;
}

export const USUAL: Variation = { threads: 1, batch: null, graph_optimization: "all" };
/** One of each kind, where all would take long. */
export const FEW: readonly Variation[] = [
  USUAL,
  { ...USUAL, threads: 2 },
  { ...USUAL, batch: 3 },
  { ...USUAL, graph_optimization: "disabled" },
];

/** Every thread count, batch size and optimisation level on the CPU unless told otherwise: each distinct output once. */
export const runOnCpu = (
  subject: Subject,
  variations: readonly Variation[] = honestVariations("cpu", subject.manifest, availableParallelism()),
): Promise<HonestRun[]> => runOn("cpu", subject, variations);

/** One output for each size of batch on WebAssembly. */
export function runOnWasm({ dir, manifest, input }: Subject, batches: number[]): Promise<HonestRun[]> {
  return Promise.all(
    batches.map(async (batch) => ({
      ...(await runWasm({ dir, manifest }, input, batch)),
      how: `batches of ${batch}`,
    })),
  );
}

/** A few runs on WebGPU; none, with the reason printed, where there is no adapter, be it of software. */
export async function runOnWebGpu(subject: Subject): Promise<HonestRun[]> {
  try {
    return await runOn("webgpu", subject, [USUAL, { ...USUAL, batch: 7, graph_optimization: "basic" }]);
  } catch (error) {
    if (!(error instanceof EngineFailure) || !/WebGPU adapter/.test(error.message)) throw error;
    console.warn(
      "WebGPU is not tested: this machine has no adapter. Software Vulkan is enough (Debian's mesa-vulkan-drivers).",
    );
    return [];
  }
}

async function runOn(
  provider: Provider,
  { dir, manifest, input }: Subject,
  variations: readonly Variation[],
): Promise<HonestRun[]> {
  const distinct = new Map<string, HonestRun>();
  for (const variation of variations) {
    const run = await runOnce(provider, variation, { dir, manifest, inputs: [input] });
    const digest = digestTensors(run.tensors);
    if (!distinct.has(digest)) distinct.set(digest, { ...run, how: renderVariation(variation) });
  }
  return [...distinct.values()];
}
