import { EngineMissing } from "../engine-missing.ts";
import { provideOnnxRuntime } from "../install/onnx-runtime.ts";
import { machineMemoryLimit } from "../memory-cap.ts";
import type { EngineContext } from "../open-engines.ts";
import { listProviders, readMachineFacts } from "./list-providers.ts";
import type { RuntimeOptions } from "./offer-runtime.ts";
import { assertProviderRuns } from "./probe-provider.ts";

/** Where ONNX Runtime runs models on this machine, in the form of the engines' options. */
export type ChosenProvider = Required<RuntimeOptions>;

const choices = new WeakMap<EngineContext, Promise<ChosenProvider>>();

/**
 * The best provider that runs a model in the best sandbox that this machine has. Installs ONNX Runtime where it is missing,
 * once for all engines that are opened together.
 *
 * @throws EngineMissing
 */
export function chooseProvider(context: EngineContext): Promise<ChosenProvider> {
  const known = choices.get(context);
  if (known) return known;
  const choice = choose(context);
  choices.set(context, choice);
  return choice;
}

async function choose({
  home,
  threads,
  childSandbox: sandbox,
  memory_bytes_max,
  onProgress,
}: EngineContext): Promise<ChosenProvider> {
  const runtime = await provideOnnxRuntime(home, onProgress);
  const memory = memory_bytes_max ?? machineMemoryLimit();
  const failures: EngineMissing[] = [];
  for (const provider of listProviders(readMachineFacts(runtime))) {
    try {
      const version = await assertProviderRuns(sandbox, runtime, provider);
      return { sandbox, threads, runtime, version, provider, memory_bytes_max: memory };
    } catch (error) {
      if (!(error instanceof EngineMissing)) throw error;
      failures.push(error);
    }
  }
  const reasons = failures.map(({ message }) => message);
  throw new EngineMissing(reasons.join("; "), failures.at(-1)?.fix ?? "");
}
