import {
  FINGERPRINT_TOKENS,
  type Fingerprint,
  parseFingerprint,
  STEPS_PER_NAT,
} from "@infernet/schemas/llm/fingerprint";
import type { Completion, TokenLogprob } from "@infernet/schemas/llm/generation";

/** What a completion's maker says of it, as far as it can be held against another's. */
export interface ReadCompletion {
  readonly tokens: readonly number[];
  readonly fingerprint: Fingerprint;
  readonly margins: readonly number[];
}

/** Probabilities of 8 tokens, each rounded by half a step, are together at most this. */
const PROBABILITY_MAX = 1.001;
/** Logprobs are told in full and in steps: half a step apart, and what FP32 rounds. */
const LOGPROB_SLACK = 0.51 / STEPS_PER_NAT;
/** The least that a fingerprint can tell: what is less likely is told as this. */
const STEPS_MIN = -32_768;
const LOGPROB_MIN = STEPS_MIN / STEPS_PER_NAT;

/**
 * `unknown`: its engine has no evidence, nobody can check it. `contradictory`: it does not fit together, whatever the model:
 * counts that differ, likeliest tokens that are not in order, probabilities of more than 1, logprobs for the client that are
 * not those of the evidence.
 */
export function readCompletion(completion: Completion): ReadCompletion | "unknown" | "contradictory" {
  const { tokens, evidence, usage, logprobs } = completion;
  if (tokens === null || evidence === null) return "unknown";
  const fingerprint = parseFingerprint(evidence.fingerprint);
  const fits =
    fingerprint !== null &&
    [fingerprint.positions, evidence.margins.length, usage.completion_tokens].every(
      (count) => count === tokens.length,
    ) &&
    usage.cached_tokens <= usage.prompt_tokens &&
    isPlausible(fingerprint) &&
    (logprobs === null || areOf(logprobs, tokens, fingerprint));
  return fits ? { tokens, fingerprint, margins: evidence.margins } : "contradictory";
}

function isPlausible({ positions, tokens, steps }: Fingerprint): boolean {
  for (let position = 0; position < positions; position++) {
    const start = position * FINGERPRINT_TOKENS;
    const named = new Set<number>();
    let mass = 0;
    for (let i = start; i < start + FINGERPRINT_TOKENS; i++) {
      const told = steps[i] ?? 0;
      if (i > start && told > (steps[i - 1] ?? 0)) return false;
      named.add(tokens[i] ?? 0);
      if (told > STEPS_MIN) mass += Math.exp(told / STEPS_PER_NAT);
    }
    if (named.size < FINGERPRINT_TOKENS || mass > PROBABILITY_MAX) return false;
  }
  return true;
}

function areOf(
  logprobs: readonly TokenLogprob[],
  tokens: readonly number[],
  { tokens: likely, steps }: Fingerprint,
): boolean {
  if (logprobs.length !== tokens.length) return false;
  return logprobs.every(({ logprob, top_logprobs }, position) => {
    const start = position * FINGERPRINT_TOKENS;
    const near = (told: number, index: number): boolean => {
      const known = (steps[index] ?? 0) / STEPS_PER_NAT;
      return Math.abs(Math.max(LOGPROB_MIN, told) - known) <= LOGPROB_SLACK;
    };
    const place = likely.subarray(start, start + FINGERPRINT_TOKENS).indexOf(tokens[position] ?? -1);
    const chosen =
      place >= 0
        ? near(logprob, start + place)
        : logprob <= (steps[start + FINGERPRINT_TOKENS - 1] ?? 0) / STEPS_PER_NAT + LOGPROB_SLACK;
    return (
      chosen && top_logprobs.slice(0, FINGERPRINT_TOKENS).every((one, i) => near(one.logprob, start + i))
    );
  });
}
