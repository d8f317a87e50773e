import { z } from "zod";
import { LIMITS } from "../limits.ts";

const text = z.string().max(LIMITS.prompt_chars_max);

/** One message of a conversation, as OpenAI's API has it. Parts that are not text are left to the servers that know them. */
export const ChatMessage = z.looseObject({
  role: z.enum(["system", "developer", "user", "assistant", "tool"]),
  content: z
    .union([text, z.array(z.looseObject({ type: z.string().max(64) })).max(256), z.null()])
    .optional(),
});
export type ChatMessage = z.infer<typeof ChatMessage>;

/** What a completion continues. */
export const Prompt = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("chat"), messages: z.array(ChatMessage).min(1).max(LIMITS.messages_max) }),
  z.strictObject({ kind: z.literal("text"), text }),
  z.strictObject({
    kind: z.literal("tokens"),
    tokens: z
      .array(
        z
          .int()
          .min(0)
          .max(2 ** 31 - 1),
      )
      .min(1)
      .max(LIMITS.context_tokens_max),
  }),
]);
export type Prompt = z.infer<typeof Prompt>;

/**
 * How tokens are chosen. With a seed every choice follows from the logits, the seed and the position: see
 * `protocol/llm/sampling`. A temperature of 0 takes the likeliest.
 */
export const Sampling = z.strictObject({
  temperature: z.number().min(0).max(2).default(1),
  top_p: z.number().gt(0).max(1).default(1),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1),
  tokens_max: z.int().min(1).max(LIMITS.context_tokens_max),
  /** Texts that end the completion and are no part of it. */
  stop: z.array(z.string().min(1).max(LIMITS.stop_chars_max)).max(LIMITS.stops_max).default([]),
  presence_penalty: z.number().min(-2).max(2).optional(),
  frequency_penalty: z.number().min(-2).max(2).optional(),
});
export type Sampling = z.infer<typeof Sampling>;

/** One row of the input `request` of a model that generates text: one completion, as UTF-8 JSON. */
export const GenerationRequest = z.strictObject({
  prompt: Prompt,
  sampling: Sampling,
  /** Likeliest tokens to tell of at each position besides the chosen one; null tells nothing. */
  top_logprobs: z.int().min(0).max(LIMITS.top_logprobs_max).nullable().default(null),
  /** For servers that support them, as OpenAI's API has them; `llm` refuses them. */
  tools: z.array(z.unknown()).max(128).optional(),
  tool_choice: z.unknown().optional(),
  response_format: z.unknown().optional(),
});
export type GenerationRequest = z.infer<typeof GenerationRequest>;
