import type { Sampling } from "@infernet/schemas/llm/generation-request";
import { nucleusEdge } from "./nucleus.ts";
import { GUMBEL_MAX, gumbelBound, gumbelOf, tokenNoise } from "./token-noise.ts";

/** What a choice depends on besides the logits and the position. */
export type TokenSampling = Pick<Sampling, "temperature" | "top_p" | "seed">;

/**
 * The token that stands at a position of a completion: of those in the nucleus, the one with the highest score, which is
 * logit + temperature * g, where g is the Gumbel noise of `tokenNoise`. That is a fair draw from the softmax of
 * logit / temperature over the nucleus (Gumbel 1954; Maddison et al. 2014), and with a temperature of 0 the likeliest token.
 * Of equal scores the lowest id wins.
 * @param logits one for each token; what is not a number, or is minus infinity, is never chosen
 * @param position counted from 0 over the completion
 */
export const chooseToken = (logits: Float32Array, sampling: TokenSampling, position: number): number =>
  chooseFrom(logits, sampling, position, likeliest(logits));

/** The lowest of the tokens with the highest logit. */
export function likeliest(logits: Float32Array): number {
  let token = 0;
  let top = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) {
    const logit = logits[i] ?? 0;
    if (logit > top) {
      top = logit;
      token = i;
    }
  }
  return token;
}

/** `chooseToken` for who knows the likeliest token already. */
export function chooseFrom(
  logits: Float32Array,
  sampling: TokenSampling,
  position: number,
  first: number,
): number {
  const { temperature, seed } = sampling;
  const top = logits[first] ?? Number.NaN;
  if (temperature === 0 || !(top > Number.NEGATIVE_INFINITY)) return first;
  const edge = nucleusEdge(logits, sampling, top);
  const noise = tokenNoise(seed, position);
  let choice = first;
  let best = top + temperature * noise.of(first);
  for (let start = 0; start < logits.length; start += 4) {
    const least = Math.max(edge, best - temperature * GUMBEL_MAX);
    if (!reaches(logits, start, least)) continue;
    const words = noise.four(start);
    for (let i = 0; i < 4; i++) {
      const logit = logits[start + i] ?? Number.NaN;
      const word = words[i] ?? 0;
      if (!(logit >= edge) || logit + temperature * gumbelBound(word) < best) continue;
      const score = logit + temperature * gumbelOf(word);
      if (score > best || (score === best && start + i < choice)) {
        choice = start + i;
        best = score;
      }
    }
  }
  return choice;
}

/** Whether any of four tokens has this logit at least. */
function reaches(logits: Float32Array, start: number, least: number): boolean {
  const end = Math.min(start + 4, logits.length);
  for (let i = start; i < end; i++) if ((logits[i] ?? 0) >= least) return true;
  return false;
}
