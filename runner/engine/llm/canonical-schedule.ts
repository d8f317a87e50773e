/** Positions that are computed together, counted from the first token of the prompt. */
export const BLOCK = 32;

/** Tokens from here on that are to be computed in one call. */
export interface Call {
  from: number;
  count: number;
}

export interface Progress {
  /** Tokens of the prompt. */
  prompt: number;
  /** Tokens that are known: the prompt's and those that follow. */
  known: number;
  /** Of these, the ones whose keys and values are computed. */
  computed: number;
}

/**
 * What to compute next. Floats come out otherwise when tokens are computed one by one than when they are computed together;
 * so that every machine which goes on with a completion has the same bits, whatever was done before it came, what a token
 * is computed on depends on its place alone: on whole blocks, each computed in one call, and after them on the rest of the
 * prompt in one call and then one token a call. A block that is complete is computed anew as a whole, the token that
 * completes it for the first time: so its last logits are those of a whole block too.
 *
 * @returns null when nothing is left to compute
 */
export function nextCall({ prompt, known, computed }: Progress): Call | null {
  const block = computed - (computed % BLOCK);
  if (known >= block + BLOCK) return { from: block, count: BLOCK };
  if (computed === known) return null;
  return computed < prompt ? { from: block, count: prompt - block } : { from: computed, count: 1 };
}

/** A completion that is only checked is computed in large parts: its bits need not be another's. */
export function nextScoreCall({ known, computed }: Progress): Call | null {
  // Nothing follows on the last token.
  const left = known - 1 - computed;
  return left > 0 ? { from: computed, count: Math.min(left, SCORED_TOGETHER) } : null;
}

const SCORED_TOGETHER = 128;
