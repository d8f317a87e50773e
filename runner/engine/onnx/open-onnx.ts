import type { Engine } from "../engine.ts";
import { EngineMissing } from "../engine-missing.ts";
import { provideOnnxRuntime } from "../install/onnx-runtime.ts";
import { machineMemoryLimit } from "../memory-cap.ts";
import type { EngineContext } from "../open-engines.ts";
import { listProviders, readMachineFacts } from "./list-providers.ts";
import { createOnnxEngine } from "./onnx-engine.ts";

/** The ONNX engine in the best sandbox that this machine has, on the best provider that runs a model in it. */
export async function openOnnx({
  home,
  threads,
  childSandbox: sandbox,
  memory_bytes_max,
  onProgress,
}: EngineContext): Promise<Engine> {
  const runtime = await provideOnnxRuntime(home, onProgress);
  const memory = memory_bytes_max ?? machineMemoryLimit();
  const failures: EngineMissing[] = [];
  for (const provider of listProviders(readMachineFacts(runtime))) {
    try {
      return await createOnnxEngine({ sandbox, threads, runtime, provider, memory_bytes_max: memory });
    } catch (error) {
      if (!(error instanceof EngineMissing)) throw error;
      failures.push(error);
    }
  }
  const reasons = failures.map(({ message }) => message);
  throw new EngineMissing(reasons.join("; "), failures.at(-1)?.fix ?? "");
}
