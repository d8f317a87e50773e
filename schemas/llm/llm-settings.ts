import { z } from "zod";
import { LIMITS } from "../limits.ts";
import { BigCount } from "../work.ts";

/** What a model can be asked for beyond text: a request that needs a feature its model lacks is refused. */
export const LlmFeature = z
  .enum(["tools", "response_format", "penalties", "logprobs"])
  .meta({ id: "LlmFeature" });
export type LlmFeature = z.infer<typeof LlmFeature>;

/** What a model that generates text is: for the engines `llm` and `openai`. */
export const LlmSettings = z.strictObject({
  /** Tokens of prompt and completion together. */
  context_tokens: z.int().min(1).max(LIMITS.context_tokens_max),
  /** Parameters that take part in one token: of a mixture of experts, the active ones. The price follows from them. */
  parameters: BigCount,
  /** As people name the form of the weights: `fp32`, `int8`, `q4_k_m`. Clients can ask for some only. */
  quantization: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_.-]{0,31}$/, "is not a name such as fp16 or q4_k_m")
    .default("unknown"),
  features: z.array(LlmFeature).max(8).default([]),
});
export type LlmSettings = z.infer<typeof LlmSettings>;

/** The model of an OpenAI-compatible server, by the server's own name for it. */
export const OpenaiSettings = z.strictObject({ model: z.string().min(1).max(LIMITS.served_model_chars_max) });
export type OpenaiSettings = z.infer<typeof OpenaiSettings>;

/** How an encoder's hidden states become one vector for a text. */
export const EmbeddingsSettings = z.strictObject({
  pooling: z.enum(["mean", "cls"]).default("mean"),
  /** Whether the vector is scaled to length 1. */
  normalize: z.boolean().default(true),
  /** Longer texts are refused. */
  context_tokens: z.int().min(1).max(LIMITS.context_tokens_max),
  parameters: BigCount,
});
export type EmbeddingsSettings = z.infer<typeof EmbeddingsSettings>;
