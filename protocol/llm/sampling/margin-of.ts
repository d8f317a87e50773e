import { chooseFrom, likeliest, type TokenSampling } from "./choose-token.ts";
import { nucleusEdge } from "./nucleus.ts";
import { RankedLogits } from "./ranked-logits.ts";
import { GUMBEL_MAX, type TokenNoise, tokenNoise } from "./token-noise.ts";

/** The highest margin: what still fits in steps of 2^-12 into 31 bits. */
export const MARGIN_MAX = 524_287;

/**
 * How far a token is from being the choice of `chooseToken`, in units of the logits (nats at temperature 1): 0 for the choice
 * itself. It is robust: a token that another machine chose, whose logits differ from these by at most d each, has a margin of
 * at most 2 d wherever it stands, at the edge of the nucleus and among equals too. It is the greater of two distances:
 *
 * - to the nucleus, for a token that is outside: the least, over rises of its logit, of the greater of the rise and of
 *   temperature times how far the log-odds of all tokens that are likelier then are above those of `top_p`;
 * - to the highest score: the greatest, over the tokens in the nucleus that score higher, of the lesser of two ways for that
 *   rival to be in the way no longer: how much higher it scores, and how far it is from being outside the nucleus, which is
 *   the least, over falls of its logit, of the greater of the fall and of temperature times how far the log-odds of all other
 *   tokens that are at least as likely then are below those of `top_p`.
 *
 * Where all tokens are in the nucleus (`top_p` 1), and with a temperature of 0, it is the choice's score less the token's.
 * @returns at most `MARGIN_MAX`, which is also the margin of a token that cannot be chosen
 */
export const marginOf = (
  logits: Float32Array,
  sampling: TokenSampling,
  position: number,
  token: number,
): number => {
  const first = likeliest(logits);
  return marginFrom(logits, sampling, position, token, {
    first,
    choice: chooseFrom(logits, sampling, position, first),
  });
};

export interface Known {
  /** The likeliest token. */
  first: number;
  choice: number;
}

/** `marginOf` for who has made the choice already. */
export function marginFrom(
  logits: Float32Array,
  sampling: TokenSampling,
  position: number,
  token: number,
  { first, choice }: Known,
): number {
  if (token === choice) return 0;
  const logit = logits[token] ?? Number.NaN;
  if (!(logit > Number.NEGATIVE_INFINITY)) return MARGIN_MAX;
  const { temperature, seed } = sampling;
  const top = logits[first] ?? Number.NaN;
  if (temperature === 0) return Math.min(MARGIN_MAX, top - logit);
  const noise = tokenNoise(seed, position);
  const score = logit + temperature * noise.of(token);
  const chosen = logits[choice] ?? 0;
  const lead = Math.max(0, chosen + temperature * noise.of(choice) - score);
  if (sampling.top_p === 1) return Math.min(MARGIN_MAX, lead);
  const edge = nucleusEdge(logits, sampling, top);
  const ranked = new RankedLogits(logits, sampling, top);
  const outside = logit >= edge ? 0 : ranked.toInside(logit);
  const least = Math.max(outside, Math.min(lead, ranked.toOutside(chosen)));
  // No rival leads by more than the choice.
  const margin =
    least >= lead
      ? least
      : toWin(listRivals(logits, { noise, temperature, edge, score, least }), ranked, least);
  return Math.min(MARGIN_MAX, margin);
}

interface Rival {
  logit: number;
  /** How much higher it scores. */
  lead: number;
}

interface Contest {
  noise: TokenNoise;
  temperature: number;
  edge: number;
  score: number;
  /** Rivals whose lead is not more than this do not matter. */
  least: number;
}

/** The tokens in the nucleus that score higher, by their lead. */
function listRivals(logits: Float32Array, { noise, temperature, edge, score, least }: Contest): Rival[] {
  const rivals: Rival[] = [];
  for (let token = 0; token < logits.length; token++) {
    const logit = logits[token] ?? Number.NaN;
    if (!(logit >= edge) || logit + temperature * GUMBEL_MAX - score <= least) continue;
    const lead = logit + temperature * noise.of(token) - score;
    if (lead > least) rivals.push({ logit, lead });
  }
  return rivals.sort((a, b) => b.lead - a.lead);
}

function toWin(rivals: readonly Rival[], ranked: RankedLogits, least: number): number {
  let margin = least;
  for (const { logit, lead } of rivals) {
    if (lead <= margin) break;
    margin = Math.max(margin, Math.min(lead, ranked.toOutside(logit)));
  }
  return margin;
}
