/** Runs a tiny model on one provider of ONNX Runtime and tells whether it really ran there. */
import type * as ort from "onnxruntime-node";
import { watchParent } from "../child/serve-model.ts";
import { Provider } from "./load-message.ts";
import { openRuntime, versionOf } from "./open-runtime.ts";
import { PROVIDER_VARIABLE, type ProviderReport } from "./provider-report.ts";
import { sessionOptions } from "./session-options.ts";
import { TINY_INPUT, TINY_MODEL, TINY_OUTPUT } from "./tiny-model.ts";

await watchParent();
const runtime = openRuntime();
const provider = Provider.parse(process.env[PROVIDER_VARIABLE]);
const failure = await runTiny().catch((error: unknown) =>
  error instanceof Error ? error.message : String(error),
);
const report: ProviderReport = { version: versionOf(runtime), failure };
process.send?.(report);

async function runTiny(): Promise<string | null> {
  const known = runtime.listSupportedBackends().map(({ name }) => name);
  // A name that the runtime does not know may be passed over, and the model run on the CPU.
  if (!known.includes(provider)) return `this build knows ${known.join(", ")}`;
  const options = sessionOptions({ provider, threads: 1, graph_optimization: "all" });
  const session = await runtime.InferenceSession.create(TINY_MODEL, strict(options));
  const x = new runtime.Tensor("float32", Float32Array.from(TINY_INPUT), [2, 2]);
  const { y } = await session.run({ x });
  const found = Array.from((await y?.getData()) ?? [], Number);
  return found.join() === TINY_OUTPUT.join() ? null : `it computed ${found.join(", ")}, which is wrong`;
}

/** Refuses to run on the CPU what another provider was asked for. */
function strict(options: ort.InferenceSession.SessionOptions): ort.InferenceSession.SessionOptions {
  if (provider === "cpu") return options;
  const session = { ...(options.extra?.session as object), disable_cpu_ep_fallback: "1" };
  return { ...options, extra: { session } };
}
