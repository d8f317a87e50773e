import { seededRandom } from "@infernet/schemas/seeded-random";

/** Types of GGUF's metadata: see the format's specification in ggml-org/ggml, docs/gguf.md. */
const TYPE = { u32: 4, i32: 5, f32: 6, string: 8, array: 9 } as const;
const MAGIC = "GGUF";
const GGUF_VERSION = 3;
const ALIGNMENT = 32;
const F32 = 0;

const KIND = { normal: 1, unknown: 2, control: 3, byte: 6 } as const;
const WIDTH = 64;
const LAYERS = 2;
const HEADS = 2;
const FEED_FORWARD = 128;
/** So that what it says is letters, and never ends. */
const OTHERS_SCALE = 0.1;

interface Token {
  text: string;
  kind: number;
  score: number;
}

interface TensorData {
  name: string;
  /** As GGUF orders them: the one that changes fastest first. */
  shape: number[];
  data: Float32Array;
}

/**
 * A model of the architecture `llama` with random weights, as GGUF: what llama.cpp loads, of 150 KB. It says nonsense, and
 * the same nonsense each time.
 */
export function tinyGguf(context_tokens: number, seed: number): Uint8Array {
  const tokens = vocabulary();
  const tensors = randomTensors(tokens, seed);
  const { bytes, offsets } = layOut(tensors);
  const fields = metadata(tokens, context_tokens);
  const head = Buffer.concat([
    Buffer.from(MAGIC),
    u32(GGUF_VERSION),
    u64(tensors.length),
    u64(fields.length),
    ...fields,
    ...tensors.map(({ name, shape }, i) =>
      Buffer.concat([string(name), u32(shape.length), ...shape.map(u64), u32(F32), u64(offsets[i] ?? 0)]),
    ),
  ]);
  return Buffer.concat([head, padding(head.length), ...bytes]);
}

function vocabulary(): Token[] {
  const bytes = Array.from(
    { length: 256 },
    (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`,
  );
  const letters = [..."▁abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,!?:;-'\n"];
  const words = ["▁the", "▁of", "▁and", "ing", "er"];
  const of = (kind: number, score: number) => (text: string, i: number) => ({ text, kind, score: score - i });
  return [
    { text: "<unk>", kind: KIND.unknown, score: 0 },
    ...["<s>", "</s>"].map((text) => ({ text, kind: KIND.control, score: 0 })),
    ...bytes.map((text) => ({ text, kind: KIND.byte, score: 0 })),
    ...letters.map(of(KIND.normal, -100)),
    ...words.map(of(KIND.normal, -1)),
  ];
}

function metadata(tokens: readonly Token[], context_tokens: number): Buffer[] {
  const field = (name: string, type: number, value: Buffer): Buffer =>
    Buffer.concat([string(name), u32(type), value]);
  const number = (name: string, value: number): Buffer => field(name, TYPE.u32, u32(value));
  const list = (name: string, type: number, values: readonly Buffer[]): Buffer =>
    field(name, TYPE.array, Buffer.concat([u32(type), u64(values.length), ...values]));
  return [
    field("general.architecture", TYPE.string, string("llama")),
    number("general.alignment", ALIGNMENT),
    number("llama.context_length", context_tokens),
    number("llama.embedding_length", WIDTH),
    number("llama.block_count", LAYERS),
    number("llama.feed_forward_length", FEED_FORWARD),
    number("llama.attention.head_count", HEADS),
    number("llama.attention.head_count_kv", HEADS),
    field("llama.attention.layer_norm_rms_epsilon", TYPE.f32, f32(1e-5)),
    number("llama.rope.dimension_count", WIDTH / HEADS),
    number("llama.vocab_size", tokens.length),
    field("tokenizer.ggml.model", TYPE.string, string("llama")),
    list(
      "tokenizer.ggml.tokens",
      TYPE.string,
      tokens.map(({ text }) => string(text)),
    ),
    list(
      "tokenizer.ggml.scores",
      TYPE.f32,
      tokens.map(({ score }) => f32(score)),
    ),
    list(
      "tokenizer.ggml.token_type",
      TYPE.i32,
      tokens.map(({ kind }) => u32(kind)),
    ),
    number("tokenizer.ggml.unknown_token_id", 0),
    number("tokenizer.ggml.bos_token_id", 1),
    number("tokenizer.ggml.eos_token_id", 2),
  ];
}

function randomTensors(tokens: readonly Token[], seed: number): TensorData[] {
  const random = seededRandom(seed);
  const gaussian = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const normed = (name: string): TensorData => ({
    name,
    shape: [WIDTH],
    data: new Float32Array(WIDTH).fill(1),
  });
  const drawn = (name: string, inner: number, outer: number): TensorData => ({
    name,
    shape: [inner, outer],
    data: Float32Array.from({ length: inner * outer }, () => gaussian() / Math.sqrt(inner)),
  });
  const output = drawn("output.weight", WIDTH, tokens.length);
  for (const [id, { kind }] of tokens.entries()) {
    if (kind !== KIND.normal)
      for (let i = id * WIDTH; i < (id + 1) * WIDTH; i++)
        output.data[i] = (output.data[i] ?? 0) * OTHERS_SCALE;
  }
  const layers = Array.from({ length: LAYERS }, (_, layer) => [
    normed(`blk.${layer}.attn_norm.weight`),
    ...["q", "k", "v", "output"].map((part) => drawn(`blk.${layer}.attn_${part}.weight`, WIDTH, WIDTH)),
    normed(`blk.${layer}.ffn_norm.weight`),
    drawn(`blk.${layer}.ffn_gate.weight`, WIDTH, FEED_FORWARD),
    drawn(`blk.${layer}.ffn_up.weight`, WIDTH, FEED_FORWARD),
    drawn(`blk.${layer}.ffn_down.weight`, FEED_FORWARD, WIDTH),
  ]);
  return [
    drawn("token_embd.weight", WIDTH, tokens.length),
    ...layers.flat(),
    normed("output_norm.weight"),
    output,
  ];
}

function layOut(tensors: readonly TensorData[]): { bytes: Buffer[]; offsets: number[] } {
  const bytes: Buffer[] = [];
  const offsets: number[] = [];
  let offset = 0;
  for (const { data } of tensors) {
    offsets.push(offset);
    const padded = Buffer.concat([Buffer.from(data.buffer), padding(data.byteLength)]);
    bytes.push(padded);
    offset += padded.length;
  }
  return { bytes, offsets };
}

const padding = (length: number): Buffer => Buffer.alloc((ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT);

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function f32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

const string = (text: string): Buffer => Buffer.concat([u64(Buffer.byteLength(text)), Buffer.from(text)]);
