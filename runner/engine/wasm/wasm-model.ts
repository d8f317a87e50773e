import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setImmediate } from "node:timers/promises";
import type { Tensor } from "@infernet/schemas/tensor";
import { assertOutputs } from "@infernet/schemas/tensor-check";
import { concatRows, sliceRows } from "@infernet/schemas/tensor-rows";
import { widenTensor } from "@infernet/schemas/tensor-widen";
import { assertRows } from "../assert-rows.ts";
import type { ChildModel } from "../child/serve-model.ts";
import type { EngineRun } from "../engine.ts";
import { refusing } from "../refusing.ts";
import { canonicalizeNans } from "./canonical-nans.ts";
import type { LoadMessage } from "./load-message.ts";
import { openModule, type WasmModule } from "./open-module.ts";

/** How long calls may follow each other before what the runner says is listened to. */
const LISTEN_MS = 10;

export async function loadWasmModel(message: LoadMessage): Promise<ChildModel> {
  const bytes = await readFile(join(message.dir, message.entry));
  const module = await openModule(bytes, message);
  return {
    execution_provider: "cpu",
    precision: "exact",
    run: (inputs, rows, isCanceled) => runCalls(module, message, inputs, rows, isCanceled),
  };
}

async function runCalls(
  module: WasmModule,
  { inputs: specs, outputs: outputSpecs, call_rows_max }: LoadMessage,
  inputs: Tensor[],
  rows: number,
  isCanceled: () => boolean,
): Promise<EngineRun | null> {
  assertRows(inputs, specs, rows);
  const ordered = module.inputs.flatMap((spec) => {
    const input = inputs.find(({ name }) => name === spec.name);
    return input ? [widenTensor(input, spec.datatype)] : [];
  });
  const parts: Tensor[][] = outputSpecs.map(() => []);
  const size = call_rows_max ?? rows;
  let listened = performance.now();
  let compute_ms = 0;
  for (let start = 0; start < rows; start += size) {
    if (performance.now() - listened > LISTEN_MS) {
      await setImmediate();
      listened = performance.now();
    }
    if (isCanceled()) return null;
    const count = Math.min(size, rows - start);
    const began = performance.now();
    const outputs = module.call(
      ordered.map((input) => sliceRows(input, start, count)),
      count,
    );
    for (const output of outputs) canonicalizeNans(output);
    compute_ms += performance.now() - began;
    refusing("output_mismatch", () => assertOutputs(outputs, outputSpecs, count));
    for (const [i, { name }] of outputSpecs.entries())
      parts[i]?.push(...outputs.filter((output) => output.name === name));
  }
  return { outputs: refusing("output_mismatch", () => parts.map(concatRows)), compute_ms };
}
