import { join } from "node:path";
import type { ModelManifest } from "@infernet/schemas/model";
import { entryPath } from "../../entry-path.ts";
import type { ChildProgram, Sandbox } from "../../sandbox/sandbox.ts";
import { ChildSession } from "../child/child-session.ts";
import { startEngineChild } from "../child/start-child.ts";
import type { Engine } from "../engine.ts";
import { EngineMissing } from "../engine-missing.ts";
import type { GraphOptimization, LoadMessage, Provider } from "./load-message.ts";
import { TELEMETRY_OFF } from "./telemetry.ts";

export interface OnnxEngineOptions {
  sandbox: Sandbox;
  /** Threads of one model. */
  threads: number;
  provider?: Provider;
  /** Anything but `all` is for measuring what it changes. */
  graph_optimization?: GraphOptimization;
}

/**
 * ONNX models on ONNX Runtime, each in a child process of its own. Starts one to learn that the runtime works on this
 * machine and which version it is, so that the offer says what will really run.
 */
export async function createOnnxEngine(options: OnnxEngineOptions): Promise<Engine> {
  const { sandbox, provider = "cpu" } = options;
  return {
    offer: {
      engine: "onnx",
      version: await probeVersion(sandbox, provider),
      execution_provider: provider,
      formats: ["onnx"],
      sandbox: sandbox.level,
    },
    load: (manifest, dir) => loadOnnxSession(options, manifest, dir),
  };
}

/** @param batch_rows_max instead of the manifest's bound on the rows of one call */
export function loadOnnxSession(
  { sandbox, threads, provider = "cpu", graph_optimization = "all" }: OnnxEngineOptions,
  manifest: ModelManifest,
  dir: string,
  batch_rows_max: number | null = manifest.batch.max,
): Promise<ChildSession> {
  const { inputs, outputs } = manifest;
  const file = join(dir, manifest.entry);
  const model: LoadMessage = { file, inputs, outputs, batch_rows_max, threads, provider, graph_optimization };
  return ChildSession.load({
    engine: "onnx",
    model,
    start: (events) => startEngineChild(sandbox, onnxProgram(provider, [dir]), events),
  });
}

const onnxProgram = (provider: Provider, reads: readonly string[]): ChildProgram => ({
  entry: entryPath("engine/onnx/child"),
  reads,
  gpu: provider !== "cpu",
  memory_bytes_max: null,
  env: TELEMETRY_OFF,
});

function probeVersion(sandbox: Sandbox, provider: Provider): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = startEngineChild(sandbox, onnxProgram(provider, []), {
      onMessage: (message) => {
        if (message.kind !== "ready") return;
        resolve(message.version);
        child.kill();
      },
      onExit: (how) =>
        reject(
          new EngineMissing(
            `ONNX Runtime does not start: its process ${how}`,
            "Run `npm ci` again; see the runner's README for its platforms.",
          ),
        ),
    });
  });
}
