import { readFile } from "node:fs/promises";
import { performance } from "node:perf_hooks";
import type { Tensor } from "@infernet/schemas/tensor";
import { assertOutputs } from "@infernet/schemas/tensor-check";
import { concatRows, sliceRows } from "@infernet/schemas/tensor-rows";
import { widenTensor } from "@infernet/schemas/tensor-widen";
import type * as ort from "onnxruntime-node";
import { assertNumbers } from "../assert-numbers.ts";
import { assertRows } from "../assert-rows.ts";
import type { ChildModel } from "../child/serve-model.ts";
import type { EngineRun } from "../engine.ts";
import { EngineFailure } from "../engine-failure.ts";
import { batchRows, planBatches } from "../plan-batches.ts";
import { refusing } from "../refusing.ts";
import { assertRepeatable } from "./assert-repeatable.ts";
import { createSession } from "./create-session.ts";
import type { LoadMessage } from "./load-message.ts";
import { ortFailure } from "./ort-failure.ts";
import { datatypeOf, fromOrt, toOrt } from "./ort-tensor.ts";
import { readContents } from "./read-contents.ts";
import { decidePrecision } from "./read-precision.ts";
import { sessionOptions } from "./session-options.ts";

type Ort = typeof ort;

/** Its precision is what `decidePrecision` finds, else the first float among outputs and inputs. */
export async function loadOnnxModel(runtime: Ort, message: LoadMessage): Promise<ChildModel> {
  const session = await createSession(runtime, message.file, sessionOptions(message));
  assertNames("input", session.inputNames, message.inputs);
  assertNames("output", session.outputNames, message.outputs);
  const contents = readContents(await readFile(message.file));
  assertRepeatable(contents);
  return {
    execution_provider: message.provider,
    precision: decidePrecision(contents) ?? precisionOf(session),
    run: (inputs, rows, isCanceled) => runBatches(runtime, session, message, inputs, rows, isCanceled),
  };
}

async function runBatches(
  runtime: Ort,
  session: ort.InferenceSession,
  { inputs: specs, outputs: outputSpecs, batch_rows_max }: LoadMessage,
  inputs: Tensor[],
  rows: number,
  isCanceled: () => boolean,
): Promise<EngineRun | null> {
  assertRows(inputs, specs, rows);
  const names = outputSpecs.map(({ name }) => name);
  const parts: Tensor[][] = names.map(() => []);
  let compute_ms = 0;
  for (const { start, count } of planBatches(rows, batchRows(specs, batch_rows_max))) {
    if (isCanceled()) return null;
    const feeds: Record<string, ort.Tensor> = {};
    for (const spec of specs) {
      const input = inputs.find(({ name }) => name === spec.name);
      if (input)
        feeds[spec.name] = toOrt(runtime, widenTensor(sliceRows(input, start, count), spec.datatype));
    }
    const started = performance.now();
    const results = await session.run(feeds, names).catch((error: unknown) => {
      const failure = ortFailure(error, "engine_error");
      throw new EngineFailure(failure.code, failure.detail);
    });
    compute_ms += performance.now() - started;
    const outputs = names.flatMap((name) => (results[name] ? [fromOrt(name, results[name])] : []));
    refusing("output_mismatch", () => assertOutputs(outputs, outputSpecs, count));
    assertNumbers(outputs, start);
    for (const [i, output] of outputs.entries()) parts[i]?.push(output);
  }
  return { outputs: refusing("output_mismatch", () => parts.map(concatRows)), compute_ms };
}

function assertNames(what: string, found: readonly string[], specs: LoadMessage["inputs"]): void {
  const missing = specs.find(({ name }) => !found.includes(name));
  if (missing) {
    const known = found.map((name) => `'${name}'`).join(", ");
    throw new EngineFailure("model_unloadable", `the file has no ${what} '${missing.name}'; it has ${known}`);
  }
  const unfed =
    what === "input" ? found.find((name) => !specs.some((spec) => spec.name === name)) : undefined;
  if (unfed !== undefined) {
    throw new EngineFailure("model_unloadable", `the file needs an input '${unfed}' that the manifest lacks`);
  }
}

function precisionOf(session: ort.InferenceSession): string {
  const types = [...session.outputMetadata, ...session.inputMetadata].flatMap((value) => {
    const datatype = value.isTensor ? datatypeOf(value.type) : undefined;
    return datatype ? [datatype.toLowerCase()] : [];
  });
  return types.find((type) => type.startsWith("fp")) ?? types[0] ?? "any";
}
