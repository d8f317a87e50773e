import { z } from "zod";
import { LIMITS } from "../limits.ts";

const TokenId = z
  .int()
  .min(0)
  .max(2 ** 31 - 1);

const Alternative = z.strictObject({
  token: z.string().max(LIMITS.token_chars_max),
  logprob: z.number(),
  /** The token's own bytes, which may be part of a character only. */
  bytes: z.array(z.int().min(0).max(255)).max(LIMITS.token_chars_max).nullable(),
});

/** What the client asked to be told of one position, as OpenAI's API has it. */
export const TokenLogprob = Alternative.extend({
  top_logprobs: z.array(Alternative).max(LIMITS.top_logprobs_max),
});
export type TokenLogprob = z.infer<typeof TokenLogprob>;

/**
 * One position of a completion, as it is made. What is held back, as half a character or what may become a stop text, comes
 * with a later position: the texts of all joined are the completion.
 */
export const TokenPart = z.strictObject({
  /** Null where the engine does not say. */
  token: TokenId.nullable(),
  text: z.string().max(LIMITS.part_chars_max),
  logprob: TokenLogprob.nullable(),
  /** Members of OpenAI's delta besides the text, as `tool_calls`. */
  delta: z.record(z.string(), z.unknown()).optional(),
});
export type TokenPart = z.infer<typeof TokenPart>;

export const FinishReason = z.enum(["stop", "length", "tool_calls", "content_filter"]);
export type FinishReason = z.infer<typeof FinishReason>;

export const TokenUsage = z.strictObject({
  prompt_tokens: z.int().min(0),
  /** Of those, what was computed for an earlier request and kept. */
  cached_tokens: z.int().min(0),
  /** The end-of-text token included. */
  completion_tokens: z.int().min(0),
});
export type TokenUsage = z.infer<typeof TokenUsage>;

/**
 * What lets another machine check a completion without making it: at each position the likeliest tokens with their
 * logarithmic probabilities, and how far the token that stands there is from the one that this machine would have chosen.
 */
export const Evidence = z.strictObject({
  /**
   * Base64 of 48 bytes a position: 8 times a token id (4 bytes) and its logprob in steps of 2^-12, at least -32768
   * (2 bytes, signed), little-endian, the likeliest first.
   */
  fingerprint: z.base64().max(LIMITS.fingerprint_chars_max),
  /**
   * For each position, in steps of 2^-12: how much higher the score of this machine's own choice is than that of the token
   * that stands there, 0 where it is its own. See `protocol/llm/sampling`.
   */
  margins: z
    .array(
      z
        .int()
        .min(0)
        .max(2 ** 31 - 1),
    )
    .max(LIMITS.context_tokens_max),
});
export type Evidence = z.infer<typeof Evidence>;

export const GenerationError = z.strictObject({
  code: z.enum(["context_too_long", "request_unsupported", "request_invalid", "server_error"]),
  message: z.string().max(LIMITS.failure_detail_chars_max),
});
export type GenerationError = z.infer<typeof GenerationError>;

/** One row of the output `generation`, as UTF-8 JSON: what became of one request. */
export const Generation = z.union([
  z.strictObject({ error: GenerationError }),
  z.strictObject({
    text: z.string().max(LIMITS.completion_chars_max),
    /** Of every position, the end-of-text token included; null where the engine does not say. */
    tokens: z.array(TokenId).max(LIMITS.context_tokens_max).nullable(),
    finish_reason: FinishReason,
    usage: TokenUsage,
    logprobs: z.array(TokenLogprob).max(LIMITS.context_tokens_max).nullable(),
    /** Members of OpenAI's message besides role and content, as `tool_calls`. */
    message: z.record(z.string(), z.unknown()).optional(),
    /**
     * Of a streamed completion, how many UTF-16 code units of its text came with each position that was made under the lease:
     * a reader that has some of them already, which an edge has lost, finds its place by it.
     */
    cuts: z.array(z.int().min(0)).max(LIMITS.context_tokens_max).optional(),
    /** Null where the engine has none: nobody can check the completion then. */
    evidence: Evidence.nullable(),
  }),
]);
export type Generation = z.infer<typeof Generation>;
export type Completion = Exclude<Generation, { error: GenerationError }>;

export const isCompletion = (generation: Generation): generation is Completion => !("error" in generation);

/** The tensors of every model that generates text: one row a completion. */
export const GENERATION_INPUT = { name: "request", datatype: "BYTES", shape: [null] } as const;
export const GENERATION_OUTPUT = { name: "generation", datatype: "BYTES", shape: [null] } as const;
