import type { TokenUsage } from "@infernet/schemas/llm/generation";
import type { Chunk } from "./chunk.ts";

export interface TokenCount {
  usage: TokenUsage;
  /** Where the server's count is another than what arrived, beyond the token that ends a text. */
  note: string | null;
}

/** What a completion and its prompt can have at most. */
export interface TokenBounds {
  /** Of what the request has for a prompt. */
  prompt_tokens_max: number;
  /** Of prompt and completion together. */
  context_tokens: number;
}

/**
 * Tokens as both ends count them: what has arrived, and what the server says that it made. Paid is the smaller: a server
 * that sends several tokens as one is underpaid rather than one that boasts overpaid. A prompt that the server has not
 * counted counts for nothing, and none for more than it can have.
 *
 * @param given_positions positions that stood before, which the server was handed as part of its prompt
 */
export function countTokens(
  arrived: number,
  reported: Chunk["usage"],
  given_positions: number,
  { prompt_tokens_max, context_tokens }: TokenBounds,
): TokenCount {
  const said = reported?.completion_tokens ?? null;
  const completion_tokens = given_positions + (said === null ? arrived : Math.min(arrived, said));
  const prompt_tokens = Math.max(
    0,
    Math.min(
      prompt_tokens_max,
      context_tokens - completion_tokens,
      (reported?.prompt_tokens ?? 0) - given_positions,
    ),
  );
  const cached = reported?.prompt_tokens_details?.cached_tokens ?? 0;
  return {
    usage: { prompt_tokens, cached_tokens: Math.min(prompt_tokens, cached), completion_tokens },
    note: explain(arrived, said),
  };
}

function explain(arrived: number, said: number | null): string | null {
  if (said === null)
    return `the server did not say how many tokens it used; ${arrived} arrived, and its prompt counts as none`;
  const isEndAlone = said === arrived + 1;
  return said === arrived || isEndAlone
    ? null
    : `the server says that it made ${said} tokens; ${arrived} arrived`;
}
