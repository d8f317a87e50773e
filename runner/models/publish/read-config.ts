import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { EmbeddingsSettings } from "@infernet/schemas/llm/llm-settings";
import { z } from "zod";
import { RunnerError } from "../../runner-error.ts";

/** What of a model's `config.json` decides how it is run; all else is the model's own. */
const Config = z.object({
  architectures: z.array(z.string()).default([]),
  max_position_embeddings: z.int().min(1).optional(),
  n_positions: z.int().min(1).optional(),
  hidden_size: z.int().min(1).optional(),
  num_hidden_layers: z.int().min(1).default(1),
  num_attention_heads: z.int().min(1).default(1),
  num_key_value_heads: z.int().min(1).optional(),
  head_dim: z.int().min(1).optional(),
});

export interface ModelConfig {
  kind: "llm" | "embeddings";
  context_tokens: number;
  hidden_size: number;
  /** Keys and values of one token, in FP32. */
  cache_bytes_per_token: number;
  pooling: EmbeddingsSettings["pooling"];
}

/** What models for Sentence Transformers say of how states become a vector; others take the mean. */
const Pooling = z.object({ pooling_mode_cls_token: z.boolean().default(false) });

/** Reads the `config.json` of a model in Hugging Face layout. Throws `RunnerError` model_folder. */
export async function readConfig(folder: string): Promise<ModelConfig> {
  const text = await readFile(join(folder, "config.json"), "utf8").catch(() => null);
  if (text === null) throw new RunnerError("model_folder", `${folder} has no config.json`);
  const config = Config.safeParse(parseJson(text));
  if (!config.success) {
    const [issue] = config.error.issues;
    throw new RunnerError("model_folder", `config.json: ${issue?.path.join(".")} ${issue?.message}`);
  }
  const { architectures, hidden_size, num_hidden_layers, num_attention_heads, ...rest } = config.data;
  const context_tokens = rest.max_position_embeddings ?? rest.n_positions;
  if (context_tokens === undefined || hidden_size === undefined)
    throw new RunnerError("model_folder", "config.json says neither its context nor its hidden size");
  const head_dim = rest.head_dim ?? hidden_size / num_attention_heads;
  const heads = rest.num_key_value_heads ?? num_attention_heads;
  return {
    kind: architectures.some((name) => name.endsWith("ForCausalLM")) ? "llm" : "embeddings",
    context_tokens,
    hidden_size,
    cache_bytes_per_token: 2 * num_hidden_layers * heads * head_dim * Float32Array.BYTES_PER_ELEMENT,
    pooling: await readPooling(folder),
  };
}

async function readPooling(folder: string): Promise<EmbeddingsSettings["pooling"]> {
  const text = await readFile(join(folder, "1_Pooling/config.json"), "utf8").catch(() => null);
  if (text === null) return "mean";
  const pooling = Pooling.safeParse(parseJson(text));
  if (!pooling.success) throw new RunnerError("model_folder", "1_Pooling/config.json is not to be read");
  return pooling.data.pooling_mode_cls_token ? "cls" : "mean";
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
