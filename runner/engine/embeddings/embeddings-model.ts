import type { Tensor, TensorSpec } from "@infernet/schemas/tensor";
import { assertOutputs } from "@infernet/schemas/tensor-check";
import type * as ort from "onnxruntime-node";
import { assertNumbers } from "../assert-numbers.ts";
import { assertRows } from "../assert-rows.ts";
import type { ChildModel } from "../child/serve-model.ts";
import type { EngineRun } from "../engine.ts";
import { EngineFailure } from "../engine-failure.ts";
import { readTokenizer, type TokenizerFiles } from "../llm/text/read-tokenizer.ts";
import { refusing } from "../refusing.ts";
import { encodeTexts } from "./encode-texts.ts";
import { Encoder } from "./encoder.ts";
import type { LoadMessage } from "./load-message.ts";
import { planTexts } from "./plan-texts.ts";
import { poolStates } from "./pool-states.ts";

/** Of every model: texts, and what they become. */
const TEXT = { name: "text", datatype: "BYTES" } as const;
const VECTOR = { name: "embedding", datatype: "FP32" } as const;
const TOKENS = { name: "tokens", datatype: "INT32" } as const;

/** @throws EngineFailure `model_unloadable` */
export async function loadEmbeddingsModel(runtime: typeof ort, message: LoadMessage): Promise<ChildModel> {
  assertManifest(message);
  const tokenizer = await readTokenizer(message.dir);
  const encoder = await Encoder.open(runtime, message);
  return {
    execution_provider: message.provider,
    precision: encoder.precision,
    run: (inputs, rows, isCanceled) => embed({ encoder, tokenizer, message }, inputs, rows, isCanceled),
  };
}

interface Loaded {
  encoder: Encoder;
  tokenizer: TokenizerFiles;
  message: LoadMessage;
}

async function embed(
  { encoder, tokenizer, message }: Loaded,
  inputs: Tensor[],
  rows: number,
  isCanceled: () => boolean,
): Promise<EngineRun | null> {
  assertRows(inputs, message.inputs, rows);
  const { settings, batch_rows_max } = message;
  const texts = inputs.flatMap((input) => encodeTexts(tokenizer, input, settings.context_tokens));
  const lengths = texts.map(({ ids }) => ids.length);
  const padding = paddingOf(tokenizer);
  const vectors: Float32Array[] = [];
  let compute_ms = 0;
  const { context_tokens } = settings;
  for (const batch of planTexts(lengths, { context_tokens, rows_max: batch_rows_max })) {
    if (isCanceled()) return null;
    const { values, width, isPooled, ms } = await encoder.encode(
      batch.rows.flatMap((row) => texts[row] ?? []),
      { length: batch.length, padding },
    );
    compute_ms += ms;
    const size = isPooled ? width : width * batch.length;
    for (const [i, row] of batch.rows.entries()) {
      const own = values.subarray(i * size, (i + 1) * size);
      vectors[row] = isPooled
        ? poolStates({ values: own, width, tokens: 1 }, settings)
        : poolStates({ values: own, width, tokens: lengths[row] ?? 0 }, settings);
    }
  }
  const outputs = message.outputs.map(({ name }) =>
    name === TOKENS.name ? tokensTensor(lengths) : vectorsTensor(vectors),
  );
  refusing("output_mismatch", () => assertOutputs(outputs, message.outputs, rows));
  assertNumbers(outputs, 0);
  return { outputs, compute_ms };
}

const paddingOf = ({ tokenizer, special }: TokenizerFiles): number =>
  tokenizer.token_to_id(special.get("pad_token") ?? "") ?? 0;

function vectorsTensor(vectors: readonly Float32Array[]): Tensor {
  const width = vectors[0]?.length ?? 0;
  const values = new Float32Array(vectors.length * width);
  for (const [row, vector] of vectors.entries()) values.set(vector, row * width);
  return { ...VECTOR, shape: [vectors.length, width], data: new Uint8Array(values.buffer) };
}

const tokensTensor = (lengths: readonly number[]): Tensor => ({
  ...TOKENS,
  shape: [lengths.length],
  data: new Uint8Array(Int32Array.from(lengths).buffer),
});

function assertManifest({ inputs, outputs }: LoadMessage): void {
  const isOf = (spec: TensorSpec, { name, datatype }: { name: string; datatype: string }) =>
    spec.name === name && spec.datatype === datatype;
  if (inputs.length !== 1 || !inputs.every((input) => isOf(input, TEXT) && input.shape.length === 1))
    throw new EngineFailure(
      "model_unloadable",
      "the manifest's inputs are not one BYTES `text` of shape [null]",
    );
  const isKnown = (output: TensorSpec) => isOf(output, VECTOR) || isOf(output, TOKENS);
  if (!outputs.some((output) => isOf(output, VECTOR)) || !outputs.every(isKnown))
    throw new EngineFailure(
      "model_unloadable",
      "the manifest's outputs are not an FP32 `embedding` of shape [null, n] and an INT32 `tokens` of shape [null]",
    );
}
