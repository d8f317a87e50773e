import type { EngineOffer } from "@infernet/schemas/runner";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import { type OnnxRuntime, ownRuntime } from "../install/onnx-runtime.ts";
import type { Provider } from "./load-message.ts";
import { assertProviderRuns } from "./probe-provider.ts";

/** What every engine whose models run on ONNX Runtime is told. */
export interface RuntimeOptions {
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

/** Options that name the runtime and the provider. */
export type SettledOptions<Options extends RuntimeOptions> = Options & {
  runtime: OnnxRuntime;
  provider: Provider;
};

/**
 * What an engine on ONNX Runtime offers. Runs a tiny model first, in the same sandbox and on the same provider, so that the
 * offer says what will really run.
 *
 * @throws EngineMissing
 */
export async function offerRuntime<Options extends RuntimeOptions>(
  engine: "onnx" | "llm" | "embeddings",
  options: Options,
): Promise<{ offer: EngineOffer; settled: SettledOptions<Options> }> {
  const { sandbox, provider = "cpu", runtime = ownRuntime() } = options;
  const version = options.version ?? (await assertProviderRuns(sandbox, runtime, provider));
  return {
    offer: {
      engine,
      version,
      execution_provider: provider,
      formats: [engine],
      sandbox: sandbox.level,
    },
    settled: { ...options, runtime, provider },
  };
}
