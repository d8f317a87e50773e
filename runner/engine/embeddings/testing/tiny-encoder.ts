import { type Bytes, sha256 } from "@infernet/schemas/digest";
import { ModelManifest } from "@infernet/schemas/model";
import { seededRandom } from "@infernet/schemas/seeded-random";
import { ELEMENT_TYPE, encodeModel, type Graph, type GraphNode } from "../../onnx/build-model.ts";

/** An encoder of seeded weights in Hugging Face layout, as small as one can be that looks at all of a text. */
export const TINY_ENCODER = { width: 32, layers: 2, positions: 128 } as const;

const CHARACTERS = [..."abcdefghijklmnopqrstuvwxyz0123456789"];
const VOCABULARY = [
  ...["[PAD]", "[UNK]", "[CLS]", "[SEP]", ..."'!,.?-"],
  ...CHARACTERS,
  ...CHARACTERS.map((character) => `##${character}`),
];
const SEED = 11;

/** WordPiece over single characters, between `[CLS]` and `[SEP]`, as BERT's tokenizers have it. */
const TOKENIZER = {
  version: "1.0",
  added_tokens: ["[PAD]", "[UNK]", "[CLS]", "[SEP]"].map((content, id) => ({ id, content, special: true })),
  normalizer: { type: "BertNormalizer", clean_text: true, handle_chinese_chars: true, lowercase: true },
  pre_tokenizer: { type: "BertPreTokenizer" },
  post_processor: {
    type: "TemplateProcessing",
    single: [
      { SpecialToken: { id: "[CLS]", type_id: 0 } },
      { Sequence: { id: "A", type_id: 0 } },
      { SpecialToken: { id: "[SEP]", type_id: 0 } },
    ],
    pair: [],
    special_tokens: {
      "[CLS]": { id: "[CLS]", ids: [2], tokens: ["[CLS]"] },
      "[SEP]": { id: "[SEP]", ids: [3], tokens: ["[SEP]"] },
    },
  },
  decoder: { type: "WordPiece", prefix: "##", cleanup: true },
  model: {
    type: "WordPiece",
    unk_token: "[UNK]",
    continuing_subword_prefix: "##",
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(VOCABULARY.map((token, id) => [token, id])),
  },
};

export interface ModelFileBytes {
  path: string;
  bytes: Bytes;
}

/** Its files, the same ones each time. */
export function tinyEncoderFiles(): ModelFileBytes[] {
  const json = (value: unknown): Bytes => new Uint8Array(new TextEncoder().encode(JSON.stringify(value)));
  return [
    { path: "onnx/model.onnx", bytes: encodeModel(tinyEncoderGraph()) },
    {
      path: "config.json",
      bytes: json({ model_type: "bert", hidden_size: TINY_ENCODER.width, vocab_size: VOCABULARY.length }),
    },
    { path: "tokenizer.json", bytes: json(TOKENIZER) },
    { path: "tokenizer_config.json", bytes: json({ pad_token: "[PAD]", unk_token: "[UNK]" }) },
  ];
}

/** Its manifest; `settings` instead of what it says of embeddings. */
export async function tinyEncoderManifest(
  settings: Partial<ModelManifest["embeddings"]> = {},
): Promise<ModelManifest> {
  const files = tinyEncoderFiles().map(async ({ path, bytes }) => ({
    path,
    sha256: await sha256(bytes),
    bytes: bytes.length,
  }));
  return ModelManifest.parse({
    engine: "embeddings",
    entry: "onnx/model.onnx",
    files: await Promise.all(files),
    inputs: [{ name: "text", datatype: "BYTES", shape: [null] }],
    outputs: [
      { name: "embedding", datatype: "FP32", shape: [null, TINY_ENCODER.width] },
      { name: "tokens", datatype: "INT32", shape: [null] },
    ],
    row_cost_us: 500,
    embeddings: { context_tokens: TINY_ENCODER.positions, parameters: String(countWeights()), ...settings },
  });
}

const countWeights = (): number =>
  Object.values(weights()).reduce((sum, { values }) => sum + values.length, 0);

/** Word, position and type, then layers of attention under the mask and a dense one, each added to what it reads. */
export function tinyEncoderGraph(): Graph {
  const tokens = { type: ELEMENT_TYPE.INT64, dims: ["batch", "length"] };
  return {
    inputs: ["input_ids", "attention_mask", "token_type_ids"].map((name) => ({ name, ...tokens })),
    outputs: [
      { name: "last_hidden_state", type: ELEMENT_TYPE.FP32, dims: ["batch", "length", TINY_ENCODER.width] },
    ],
    constants: { zero: [0], one: [1] },
    floats: weights(),
    nodes: [
      ...embeddingNodes(),
      op("Cast", ["attention_mask"], "mask", { to: ELEMENT_TYPE.FP32 }),
      op("Sub", ["mask", "one_float"], "left_out"),
      op("Mul", ["left_out", "far"], "far_out"),
      op("Unsqueeze", ["far_out", "one"], "penalty"),
      ...Array.from({ length: TINY_ENCODER.layers }, (_, i) => layerNodes(i)).flat(),
      op("Identity", [`h${TINY_ENCODER.layers}`], "last_hidden_state"),
    ],
  };
}

const op = (
  name: string,
  inputs: string[],
  output: string,
  attributes: GraphNode["attributes"] = {},
): GraphNode => ({ op: name, inputs, outputs: [output], attributes });

const embeddingNodes = (): GraphNode[] => [
  op("Gather", ["words", "input_ids"], "word"),
  op("Shape", ["input_ids"], "sizes"),
  op("Gather", ["sizes", "one"], "length"),
  op("Squeeze", ["length"], "end"),
  op("Squeeze", ["zero"], "start"),
  op("Squeeze", ["one"], "step"),
  op("Range", ["start", "end", "step"], "places"),
  op("Gather", ["positions", "places"], "position"),
  op("Gather", ["types", "token_type_ids"], "type"),
  op("Add", ["word", "position"], "placed"),
  op("Add", ["placed", "type"], "h0"),
];

const layerNodes = (i: number): GraphNode[] => [
  op("MatMul", [`h${i}`, `q${i}`], `query${i}`),
  op("MatMul", [`h${i}`, `k${i}`], `key${i}`),
  op("MatMul", [`h${i}`, `v${i}`], `value${i}`),
  op("Transpose", [`key${i}`], `turned${i}`, { perm: [0, 2, 1] }),
  op("MatMul", [`query${i}`, `turned${i}`], `raw${i}`),
  op("Mul", [`raw${i}`, "root"], `scaled${i}`),
  op("Add", [`scaled${i}`, "penalty"], `masked${i}`),
  op("Softmax", [`masked${i}`], `share${i}`, { axis: 2 }),
  op("MatMul", [`share${i}`, `value${i}`], `seen${i}`),
  op("Add", [`h${i}`, `seen${i}`], `sum${i}`),
  op("MatMul", [`sum${i}`, `w${i}`], `dense${i}`),
  op("Tanh", [`dense${i}`], `bent${i}`),
  op("Add", [`sum${i}`, `bent${i}`], `h${i + 1}`),
];

function weights(): NonNullable<Graph["floats"]> {
  const random = seededRandom(SEED);
  const { width, layers, positions } = TINY_ENCODER;
  const matrix = (rows: number, size: number) => ({
    dims: [rows, width],
    values: Float32Array.from({ length: rows * width }, () => (2 * random() - 1) * size),
  });
  const number = (value: number) => ({ dims: [1], values: Float32Array.of(value) });
  const square = 2 / Math.sqrt(width);
  return {
    words: matrix(VOCABULARY.length, 1),
    positions: matrix(positions, 0.2),
    types: matrix(2, 0.2),
    one_float: number(1),
    far: number(10_000),
    root: number(1 / Math.sqrt(width)),
    ...Object.fromEntries(
      Array.from({ length: layers }, (_, i) =>
        ["q", "k", "v", "w"].map((kind) => [`${kind}${i}`, matrix(width, square)] as const),
      ).flat(),
    ),
  };
}
