import { type Generation, isCompletion } from "@infernet/schemas/llm/generation";
import type { Given } from "@infernet/schemas/llm/lease-generation";

/** Tokens of one lease, for its owner. */
export interface TokenTally {
  prompt_tokens: number;
  /** Of those, what was computed for an earlier request and kept. */
  cached_tokens: number;
  /** Of the completions, what was made here, and what was given. */
  made_tokens: number;
  given_tokens: number;
  /** Requests that came to an error instead of a completion. */
  refused: number;
}

export const NO_TOKENS: TokenTally = {
  prompt_tokens: 0,
  cached_tokens: 0,
  made_tokens: 0,
  given_tokens: 0,
  refused: 0,
};

/** The tally with one completion more. */
export function tallyTokens(tally: TokenTally, generation: Generation, given: Given | null): TokenTally {
  if (!isCompletion(generation)) return { ...tally, refused: tally.refused + 1 };
  const { prompt_tokens, cached_tokens, completion_tokens } = generation.usage;
  const given_tokens = Math.min(given?.positions ?? 0, completion_tokens);
  return {
    ...tally,
    prompt_tokens: tally.prompt_tokens + prompt_tokens,
    cached_tokens: tally.cached_tokens + cached_tokens,
    made_tokens: tally.made_tokens + completion_tokens - given_tokens,
    given_tokens: tally.given_tokens + given_tokens,
  };
}
