import { type ChildEntry, entryPath } from "../../entry-path.ts";
import type { ChildProgram } from "../../sandbox/sandbox.ts";
import type { OnnxRuntime } from "../install/onnx-runtime.ts";
import type { Provider } from "./load-message.ts";
import { RUNTIME_VARIABLE } from "./open-runtime.ts";
import { TELEMETRY_OFF } from "./telemetry.ts";

export interface OnnxProgramOptions {
  runtime: OnnxRuntime;
  provider: Provider;
  /** Folders that it may read besides ONNX Runtime's. */
  reads: readonly string[];
  memory_bytes_max: number | null;
  env?: Readonly<Record<string, string>>;
}

/** A child that loads ONNX Runtime, as a sandbox starts it. */
export function onnxProgram(
  entry: Extract<ChildEntry, `engine/onnx/${string}` | "engine/llm/child" | "engine/embeddings/child">,
  { runtime, provider, reads, memory_bytes_max, env = {} }: OnnxProgramOptions,
): ChildProgram {
  return {
    entry: entryPath(entry),
    reads: [...runtime.folders, ...reads],
    gpu: provider !== "cpu",
    memory_bytes_max,
    env: { ...TELEMETRY_OFF, [RUNTIME_VARIABLE]: runtime.dir, ...env },
  };
}
