import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ExecutionClass } from "@infernet/schemas/execution-class";
import type { ModelManifest } from "@infernet/schemas/model";
import type { Tensor } from "@infernet/schemas/tensor";
import { assertInputs, assertOutputs, assertTensorBytes } from "@infernet/schemas/tensor-check";
import { z } from "zod";
import type { Engine, EngineRun, RunOptions, Session } from "./engine.ts";
import { EngineFailure } from "./engine-failure.ts";
import { refusing } from "./refusing.ts";

/** The model file of the echo engine, in JSON: output i is the input named by `echo[i]`, after `row_ms` a row. */
const EchoModel = z.strictObject({ echo: z.array(z.string()).min(1), row_ms: z.number().min(0) });
type EchoModel = z.infer<typeof EchoModel>;

/**
 * Returns its inputs. It stands in for ONNX Runtime where the network is measured and not the model; the command line
 * never offers it.
 */
export function createEchoEngine(): Engine {
  return {
    offer: { engine: "onnx", version: "echo", execution_provider: "cpu", formats: ["onnx"], sandbox: "none" },
    load: async (manifest, dir) => createSession(manifest, await readModel(manifest, dir)),
  };
}

async function readModel(manifest: ModelManifest, dir: string): Promise<EchoModel> {
  try {
    const model = EchoModel.parse(JSON.parse(await readFile(join(dir, manifest.entry), "utf8")));
    const unknown = manifest.inputs.find(({ name }) => !model.echo.includes(name));
    if (unknown) throw new Error(`the file has no input '${unknown.name}'`);
    return model;
  } catch (error) {
    throw new EngineFailure("model_unloadable", String(error), { cause: error });
  }
}

function createSession(manifest: ModelManifest, model: EchoModel): Session {
  const closing = new AbortController();
  let last: Promise<unknown> = Promise.resolve();

  async function work(inputs: Tensor[], rows: number, options: RunOptions): Promise<EngineRun> {
    const started = performance.now();
    await pass(rows * model.row_ms, options, closing.signal);
    const outputs = echo(manifest, model, inputs, rows);
    return { outputs, compute_ms: performance.now() - started };
  }

  return {
    execution_class: ExecutionClass.parse("onnx/echo/cpu/none"),
    run: (inputs, rows, options) => {
      const run = last.then(() => work(inputs, rows, options));
      last = run.catch(() => undefined);
      return run;
    },
    close: async () => closing.abort(new EngineFailure("engine_error", "the session was closed")),
  };
}

/** Time in which the row is "computed", within what the caller and the session allow. */
async function pass(ms: number, { timeout_ms, signal }: RunOptions, closing: AbortSignal): Promise<void> {
  const either = AbortSignal.any([signal, closing]);
  either.throwIfAborted();
  if (ms > 0) {
    await sleep(Math.min(ms, timeout_ms), undefined, { signal: either }).catch(() => either.throwIfAborted());
  }
  if (ms > timeout_ms) throw new EngineFailure("engine_timeout", `longer than ${timeout_ms} ms`);
}

function echo(manifest: ModelManifest, model: EchoModel, inputs: Tensor[], rows: number): Tensor[] {
  refusing("input_mismatch", () => {
    if (assertInputs(inputs, manifest.inputs) !== rows)
      throw new RangeError(`the inputs do not have ${rows} rows`);
    for (const input of inputs) assertTensorBytes(input);
  });
  const outputs = manifest.outputs.flatMap(({ name }, i) => {
    const input = inputs.find((candidate) => candidate.name === model.echo[i]);
    return input ? [{ ...input, name }] : [];
  });
  refusing("output_mismatch", () => assertOutputs(outputs, manifest.outputs, rows));
  return outputs;
}
