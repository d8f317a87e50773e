import { LIMITS } from "@infernet/schemas/limits";
import type { ModelManifest } from "@infernet/schemas/model";
import { entryPath } from "../../entry-path.ts";
import type { ChildProgram, Sandbox } from "../../sandbox/sandbox.ts";
import { ChildSession } from "../child/child-session.ts";
import { startEngineChild } from "../child/start-child.ts";
import type { Engine } from "../engine.ts";
import { EngineFailure } from "../engine-failure.ts";
import { ABI_VERSION } from "./abi.ts";
import type { LoadMessage } from "./load-message.ts";

export interface WasmEngineOptions {
  sandbox: Sandbox;
  /** Most memory that a model may ask for on this machine; null where its manifest alone decides. */
  memory_bytes_max?: number | null;
}

/**
 * WebAssembly modules on the V8 of this process's Node, each in a child process of its own. The version of the execution
 * class is the ABI's: a module computes the same on every machine.
 */
export function createWasmEngine({ sandbox, memory_bytes_max = null }: WasmEngineOptions): Engine {
  return {
    offer: {
      engine: "wasm",
      version: String(ABI_VERSION),
      execution_provider: "cpu",
      formats: ["wasm"],
      sandbox: sandbox.level,
    },
    load: async (manifest, dir) => {
      const model = loadMessage(manifest, dir);
      assertAffordable(model, memory_bytes_max);
      return ChildSession.load({
        engine: "wasm",
        model,
        start: (events) => startEngineChild(sandbox, wasmProgram(manifest, model), events),
      });
    },
  };
}

function loadMessage(manifest: ModelManifest, dir: string): LoadMessage {
  const { entry, files, inputs, outputs, batch, memory_bytes, wasm } = manifest;
  return {
    dir,
    entry,
    files: files.map(({ path }) => path),
    inputs,
    outputs,
    abi: wasm?.abi ?? "rows",
    // A call is as new for each row, so that a row's output depends on nothing else; only those that want it share one.
    call_rows_max: batch.joint ? batch.max : 1,
    memory_bytes_max: Math.min(
      memory_bytes || LIMITS.wasm_memory_bytes_default,
      LIMITS.wasm_memory_bytes_max,
    ),
    fuel_per_row_max: wasm?.fuel_per_row_max ?? null,
  };
}

/**
 * A machine that has less than the manifest asks for refuses the model. It never gives less: a module that was refused
 * memory may compute something else.
 */
function assertAffordable({ memory_bytes_max: wanted }: LoadMessage, allowed: number | null): void {
  if (allowed === null || wanted <= allowed) return;
  throw new EngineFailure(
    "out_of_memory",
    `the model may use ${wanted} bytes of memory; this machine gives ${allowed}`,
  );
}

/** Twice the module's memory: it is kept as it was when new. Its files are read into memory, and code is made of one. */
function wasmProgram(manifest: ModelManifest, { dir, memory_bytes_max }: LoadMessage): ChildProgram {
  const files = manifest.files.reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    entry: entryPath("engine/wasm/child"),
    reads: [dir],
    gpu: false,
    memory_bytes_max: LIMITS.wasm_child_bytes + 2 * memory_bytes_max + 4 * files,
    env: {},
  };
}
