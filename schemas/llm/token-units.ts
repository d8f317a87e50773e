import type { TokenUsage } from "./generation.ts";

/**
 * What tokens weigh in the price, in tenths of a prompt token: a prompt is computed together, a completion one token after
 * the other, each waiting for all weights to be read; what was kept from an earlier request costs its memory; a completion
 * that is checked is computed together like a prompt.
 */
export const TOKEN_UNITS = { prompt: 10, cached: 1, completion: 40, scored: 10 } as const;

/** Operations that one unit stands for: a tenth of a multiply-add for each parameter (Kaplan et al. 2020, section 2.1). */
export const operationsPerUnit = (parameters: bigint): bigint => (parameters * 2n + 9n) / 10n;

export function tokenUnits({ prompt_tokens, cached_tokens, completion_tokens }: TokenUsage): number {
  const computed = Math.max(0, prompt_tokens - cached_tokens);
  return (
    computed * TOKEN_UNITS.prompt +
    cached_tokens * TOKEN_UNITS.cached +
    completion_tokens * TOKEN_UNITS.completion
  );
}

/** Of a check, which computes prompt and completion in one go. */
export const scoredUnits = ({ prompt_tokens, completion_tokens }: TokenUsage): number =>
  (prompt_tokens + completion_tokens) * TOKEN_UNITS.scored;
