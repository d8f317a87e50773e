import { chooseFrom, type TokenSampling } from "./choose-token.ts";
import { decay } from "./decay.ts";
import { marginFrom } from "./margin-of.ts";

/** Likeliest tokens that evidence tells of. */
const FINGERPRINT_TOKENS = 8;

export interface LikelyToken {
  token: number;
  /** Natural logarithm of its probability at temperature 1. */
  logprob: number;
}

export interface Reading {
  /** `chooseToken`. */
  choice: number;
  /** `marginOf` the given token, 0 where none is given. */
  margin: number;
  /** The 8 likeliest tokens, or as many as there are; of equals the lowest id first. */
  top: LikelyToken[];
  /** Logarithmic probability of every token is its logit less this. */
  log_sum: number;
}

/** All that is told of one position, for the price of little more than the choice. */
export function readLogits(
  logits: Float32Array,
  sampling: TokenSampling,
  position: number,
  given: number | null,
): Reading {
  const likely = listLikely(logits);
  const first = likely[0] ?? 0;
  const top = logits[first] ?? 0;
  const log_sum = top + Math.log(sumOver(logits, top));
  const choice = chooseFrom(logits, sampling, position, first);
  return {
    choice,
    margin: given === null ? 0 : marginFrom(logits, sampling, position, given, { first, choice }),
    top: likely.map((token) => ({ token, logprob: (logits[token] ?? 0) - log_sum })),
    log_sum,
  };
}

/** The likeliest tokens, likeliest first. */
function listLikely(logits: Float32Array): number[] {
  const likely: number[] = [];
  let least = Number.NEGATIVE_INFINITY;
  for (let token = 0; token < logits.length; token++) {
    const logit = logits[token] ?? 0;
    if (!(logit > least)) continue;
    let place = likely.length;
    while (place > 0 && logit > (logits[likely[place - 1] ?? 0] ?? 0)) place -= 1;
    likely.splice(place, 0, token);
    if (likely.length <= FINGERPRINT_TOKENS) continue;
    likely.pop();
    least = logits[likely[FINGERPRINT_TOKENS - 1] ?? 0] ?? 0;
  }
  return likely;
}

/** Sum of exp(logit - top). */
function sumOver(logits: Float32Array, top: number): number {
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += decay(top - (logits[i] ?? 0));
  return sum;
}
