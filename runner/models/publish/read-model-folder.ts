import { createReadStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { countParameters } from "@infernet/protocol/work-units/count-parameters";
import { type Bytes, type Sha256, sha256 } from "@infernet/schemas/digest";
import { LIMITS } from "@infernet/schemas/limits";
import { GENERATION_INPUT, GENERATION_OUTPUT } from "@infernet/schemas/llm/generation";
import { ModelManifest } from "@infernet/schemas/model";
import { chunkListDigest, encodeChunkList, listChunks } from "@infernet/schemas/peer/chunk-list";
import { RunnerError } from "../../runner-error.ts";
import { type ModelConfig, readConfig } from "./read-config.ts";

/** Files beside the weights that engines read, where a model has them. */
const BESIDE = [
  "config.json",
  "generation_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "chat_template.jinja",
];

/** What people put behind a file's name for the form of its weights. */
const QUANTIZATIONS: Readonly<Record<string, string>> = {
  quantized: "int8",
  uint8: "uint8",
  int8: "int8",
  fp16: "fp16",
  q4: "q4",
  q4f16: "q4f16",
  bnb4: "bnb4",
};

export interface ModelFolder {
  manifest: ModelManifest;
  /** Where each file of the manifest lies, by its path there. */
  places: ReadonlyMap<string, string>;
  /** The lists of their chunks, by the names that the manifest gives them. */
  lists: ReadonlyMap<Sha256, Bytes>;
}

/**
 * The manifest of a model in Hugging Face layout: decoders become models of the engine `llm`, all others of `embeddings`.
 * Throws `RunnerError` model_folder.
 *
 * @param file the ONNX file in the folder, as in `onnx/model_q4.onnx`
 */
export async function readModelFolder(folder: string, file = "onnx/model.onnx"): Promise<ModelFolder> {
  const config = await readConfig(folder);
  const names = await readdir(folder, { recursive: true });
  if (!names.includes(file))
    throw new RunnerError("model_folder", `${folder} has no ${file}; give another with --file`);
  if (!names.includes("tokenizer.json"))
    throw new RunnerError("model_folder", `${folder} has no tokenizer.json`);
  const paths = names.filter(
    (name) => BESIDE.includes(name) || name === file || name.startsWith(`${file}_data`),
  );
  const places = new Map(paths.sort().map((path) => [path, join(folder, path)]));
  const lists = new Map<Sha256, Bytes>();
  const files = await Promise.all([...places].map(([path, place]) => describeFile(path, place, lists)));
  const parameters = await countParameters(createReadStream(join(folder, file)));
  if (parameters === null)
    throw new RunnerError("model_folder", `${file} is no ONNX file that can be counted`);
  const weights_bytes = files.reduce((sum, { path, bytes }) => sum + (path.startsWith(file) ? bytes : 0), 0);
  const manifest = ModelManifest.parse({
    entry: file,
    files,
    row_cost_us: rowCost(config, parameters),
    ...describeEngine(config, parameters, weights_bytes, quantizationOf(file)),
  });
  return { manifest, places, lists };
}

async function describeFile(path: string, place: string, lists: Map<Sha256, Bytes>) {
  const { size: bytes } = await stat(place);
  if (bytes <= LIMITS.blob_bytes_max) {
    const content = new Uint8Array(await readFile(place));
    const list = await listChunks(content);
    const chunks = await chunkListDigest(list);
    lists.set(chunks, encodeChunkList(list));
    return { path, sha256: await sha256(content), bytes, chunks };
  }
  throw new RunnerError(
    "model_folder",
    `${path} has ${bytes} bytes; one file has at most ${LIMITS.blob_bytes_max}: save the weights as external data in several files`,
  );
}

function describeEngine(
  config: ModelConfig,
  parameters: bigint,
  weights_bytes: number,
  quantization: string,
) {
  const { kind, context_tokens, cache_bytes_per_token, hidden_size, pooling } = config;
  const count = parameters.toString();
  if (kind === "llm")
    return {
      engine: "llm",
      inputs: [GENERATION_INPUT],
      outputs: [GENERATION_OUTPUT],
      // Two completions as long as the context allows.
      memory_bytes: weights_bytes + 2 * context_tokens * cache_bytes_per_token,
      llm: { context_tokens, parameters: count, quantization, features: ["logprobs"] },
    };
  return {
    engine: "embeddings",
    inputs: [{ name: "text", datatype: "BYTES", shape: [null] }],
    outputs: [
      { name: "embedding", datatype: "FP32", shape: [null, hidden_size] },
      { name: "tokens", datatype: "INT32", shape: [null] },
    ],
    memory_bytes: weights_bytes,
    embeddings: { pooling, context_tokens, parameters: count },
  };
}

/** A completion of 256 tokens, or a text of as many, on a core that multiplies and adds 25 x 10^9 times a second. */
function rowCost({ kind }: ModelConfig, parameters: bigint): number {
  const tokens = kind === "llm" ? 4 * 256 : 256;
  return Math.max(1, Math.min(3_600_000_000, Math.ceil((Number(parameters) * tokens) / 25_000)));
}

function quantizationOf(file: string): string {
  const suffix = /_([a-z0-9]+)\.onnx$/.exec(basename(file))?.[1];
  return suffix === undefined ? "fp32" : (QUANTIZATIONS[suffix] ?? suffix);
}
