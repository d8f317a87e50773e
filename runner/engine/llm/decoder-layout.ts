import type * as ort from "onnxruntime-node";
import { z } from "zod";
import { EngineFailure } from "../engine-failure.ts";

/** How a decoder in Hugging Face layout keeps keys and values between calls. */
export interface DecoderLayout {
  /** Names of the inputs `past_key_values.*`, and of the outputs `present.*` that follow on them. */
  pasts: readonly string[];
  presents: readonly string[];
  /** Whether it is told the positions of new tokens; else it finds them itself. */
  takesPositions: boolean;
  /** Heads of keys and values, and numbers of each. */
  heads: number;
  width: number;
  cache: "float32" | "float16";
  logits: "float32" | "float16";
  vocabulary: number;
}

/** Of a model's `config.json`, what its ONNX file may leave open. */
export const DecoderConfig = z.looseObject({
  vocab_size: z.int().min(1),
  num_attention_heads: z.int().min(1).optional(),
  num_key_value_heads: z.int().min(1).optional(),
  hidden_size: z.int().min(1).optional(),
  head_dim: z.int().min(1).nullish(),
});
export type DecoderConfig = z.infer<typeof DecoderConfig>;

type Values = readonly ort.InferenceSession.ValueMetadata[];

const NEEDED = ["input_ids", "attention_mask"] as const;
const POSITIONS = "position_ids";
const PAST = /^past_key_values\.(\d+)\.(key|value)$/;

/**
 * Reads the layout from what a session says about its inputs and outputs.
 *
 * @throws EngineFailure `model_unloadable` for what cannot generate text here
 */
export function readLayout(inputs: Values, outputs: Values, config: DecoderConfig): DecoderLayout {
  const takesPositions = inputs.some(({ name }) => name === POSITIONS);
  for (const name of takesPositions ? [...NEEDED, POSITIONS] : NEEDED) {
    const { type } = find(inputs, name, "input");
    if (type !== "int64") throw unloadable(`its input '${name}' is of type ${type}, not int64`);
  }
  const pasts = inputs.map(({ name }) => name).filter((name) => PAST.test(name));
  if (pasts.length === 0) throw unloadable("it has no inputs 'past_key_values.*': export it with a cache");
  const known = new Set<string>([...NEEDED, POSITIONS, ...pasts]);
  const other = inputs.find(({ name }) => !known.has(name));
  if (other) throw unloadable(`it needs an input '${other.name}', which nothing gives it`);
  const presents = pasts.map((name) => name.replace("past_key_values", "present"));
  const past = find(inputs, pasts[0] ?? "", "input");
  for (const name of presents) assertLike(find(outputs, name, "output"), past);
  for (const name of pasts) assertLike(find(inputs, name, "input"), past);
  const [, heads, , width] = past.shape;
  const logits = find(outputs, "logits", "output");
  return {
    pasts,
    presents,
    takesPositions,
    heads:
      fixed(heads) ??
      config.num_key_value_heads ??
      config.num_attention_heads ??
      missing("num_key_value_heads"),
    width: fixed(width) ?? config.head_dim ?? widthOf(config),
    cache: floatOf(past),
    logits: floatOf(logits),
    vocabulary: fixed(logits.shape[2]) ?? config.vocab_size,
  };
}

/** Bytes of the keys and values of one token. */
export const tokenBytes = ({ pasts, heads, width, cache }: DecoderLayout): number =>
  pasts.length * heads * width * (cache === "float32" ? 4 : 2);

type TensorMetadata = ort.InferenceSession.TensorValueMetadata;

function find(values: Values, name: string, what: "input" | "output"): TensorMetadata {
  const value = values.find((candidate) => candidate.name === name);
  if (value?.isTensor) return value;
  throw unloadable(`it has no ${what} '${name}', as decoders in Hugging Face layout have`);
}

function assertLike(value: TensorMetadata, past: TensorMetadata): void {
  const [, heads, , width] = value.shape;
  const [, pastHeads, , pastWidth] = past.shape;
  const differs = (a: unknown, b: unknown): boolean =>
    fixed(a) !== undefined && fixed(b) !== undefined && a !== b;
  if (
    value.type !== past.type ||
    value.shape.length !== 4 ||
    differs(heads, pastHeads) ||
    differs(width, pastWidth)
  )
    throw unloadable(
      `'${value.name}' is not shaped as '${past.name}' is, and all keys and values must be alike`,
    );
}

function floatOf({ name, type }: TensorMetadata): "float32" | "float16" {
  if (type === "float32" || type === "float16") return type;
  throw unloadable(`'${name}' is of type ${type}; float32 and float16 are supported`);
}

const fixed = (dimension: unknown): number | undefined =>
  typeof dimension === "number" && dimension > 0 ? dimension : undefined;

function widthOf({ hidden_size, num_attention_heads }: DecoderConfig): number {
  if (hidden_size !== undefined && num_attention_heads !== undefined)
    return hidden_size / num_attention_heads;
  return missing("head_dim");
}

function missing(name: string): never {
  throw unloadable(`neither its ONNX file nor its config.json says '${name}'`);
}

const unloadable = (why: string): EngineFailure =>
  new EngineFailure("model_unloadable", `the model does not generate text here: ${why}`);
