import type { Sandbox } from "../../sandbox/sandbox.ts";
import { STDERR_CHARS_MAX } from "../child/start-child.ts";
import { EngineMissing } from "../engine-missing.ts";
import type { OnnxRuntime } from "../install/onnx-runtime.ts";
import type { Provider } from "./load-message.ts";
import { onnxProgram } from "./onnx-program.ts";
import { PROVIDER_VARIABLE, ProviderReport } from "./provider-report.ts";

/** A driver that hangs is one that does not work; shaders are compiled in a tenth of it. */
const PROBE_MS_MAX = 60_000;

/** Runs a tiny model on a provider, in the sandbox that models will run in. A child that ends without a word is a failure too. */
export function probeProvider(
  sandbox: Sandbox,
  runtime: OnnxRuntime,
  provider: Provider,
): Promise<ProviderReport> {
  const env = { [PROVIDER_VARIABLE]: provider };
  const child = sandbox.launch(
    onnxProgram("engine/onnx/probe-child", { runtime, provider, reads: [], memory_bytes_max: null, env }),
  );
  return new Promise((resolve) => {
    let stderr = "";
    const fail = (how: string): void => {
      resolve({ version: runtime.version, failure: [how, stderr.trim()].filter(Boolean).join(": ") });
    };
    const timer = setTimeout(() => child.kill("SIGKILL"), PROBE_MS_MAX);
    child.stderr?.on("data", (chunk) => {
      stderr = (stderr + String(chunk)).slice(-STDERR_CHARS_MAX);
    });
    child.once("message", (raw) => {
      const report = ProviderReport.safeParse(raw);
      report.success ? resolve(report.data) : fail("its process said what a probe never says");
      child.kill("SIGKILL");
    });
    child.once("error", (error) => fail(error.message));
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      fail(`its process ended with ${signal ?? `exit code ${code}`}`);
    });
  });
}

/**
 * Tries a provider.
 *
 * @returns the version of ONNX Runtime, as it says itself
 * @throws EngineMissing
 */
export async function assertProviderRuns(
  sandbox: Sandbox,
  runtime: OnnxRuntime,
  provider: Provider,
): Promise<string> {
  const { version, failure } = await probeProvider(sandbox, runtime, provider);
  if (failure === null) return version;
  throw new EngineMissing(
    `ONNX Runtime runs no model on ${provider} in the sandbox '${sandbox.level}': ${failure}`,
    "See the runner's README for its platforms, and docs/sandbox.md for what each level needs.",
  );
}
