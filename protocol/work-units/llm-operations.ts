/** A token passes once through every parameter: a multiply-add each. */
const OPERATIONS_PER_PARAMETER = 2n;

/** A prompt's tokens are computed together, which keeps the arithmetic units busy. */
const PROMPT_TOKEN_WEIGHT = 1n;

/** Tokens of a completion come one after the other, each waiting for all weights to be read from memory. */
const COMPLETION_TOKEN_WEIGHT = 4n;

/**
 * Weighted operations of a language model: 2 x parameters x (prompt tokens x 1 + completion tokens x 4). The parameters
 * that take part in a token: for a mixture of experts, the active ones. Attention over the context, a few percent at
 * usual lengths, is left out (Kaplan et al. 2020, https://arxiv.org/abs/2001.08361, section 2.1).
 */
export function llmOperations(parameters: bigint, prompt_tokens: bigint, completion_tokens: bigint): bigint {
  for (const amount of [parameters, prompt_tokens, completion_tokens])
    if (amount < 0n) throw new RangeError(`${amount} is less than none`);
  const tokens = prompt_tokens * PROMPT_TOKEN_WEIGHT + completion_tokens * COMPLETION_TOKEN_WEIGHT;
  return OPERATIONS_PER_PARAMETER * parameters * tokens;
}
