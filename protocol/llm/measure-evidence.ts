import { FINGERPRINT_TOKENS, type Fingerprint, STEPS_PER_NAT } from "@infernet/schemas/llm/fingerprint";
import { BLOCK_TOKENS } from "@infernet/schemas/llm/token-block";

/** Differences beyond this say no more: one position cannot decide over a block. */
const CLIP_STEPS = STEPS_PER_NAT;
/** What rounding to steps can make of the same number. */
const ROUNDING_STEPS = 1;

/**
 * How far apart two machines saw the likeliest tokens of one position, in nats: the mean over the tokens that either of the
 * two names of |a - b|, less one step for rounding and at most 1. A token that only one names is less likely for the other
 * than all that this one names, so it is at least so far from the last of these.
 */
function logprobDistance(a: Fingerprint, b: Fingerprint, position: number): number {
  const start = position * FINGERPRINT_TOKENS;
  let sum = 0;
  let tokens = 0;
  for (let i = start; i < start + FINGERPRINT_TOKENS; i++) {
    sum += clip(distanceOf(a.steps[i] ?? 0, a.tokens[i] ?? 0, b, start));
    tokens += 1;
    if (indexIn(a, start, b.tokens[i] ?? 0) >= 0) continue;
    sum += clip(distanceOf(b.steps[i] ?? 0, b.tokens[i] ?? 0, a, start));
    tokens += 1;
  }
  return sum / (tokens * STEPS_PER_NAT);
}

function distanceOf(steps: number, token: number, other: Fingerprint, start: number): number {
  const index = indexIn(other, start, token);
  if (index >= 0) return Math.abs(steps - (other.steps[index] ?? 0));
  return steps - (other.steps[start + FINGERPRINT_TOKENS - 1] ?? 0);
}

const clip = (steps: number): number => Math.min(CLIP_STEPS, Math.max(0, steps - ROUNDING_STEPS));

function indexIn({ tokens }: Fingerprint, start: number, token: number): number {
  for (let i = start; i < start + FINGERPRINT_TOKENS; i++) if (tokens[i] === token) return i;
  return -1;
}

/**
 * The statistic of the logprobs: the largest, over blocks of 32 consecutive positions, of the mean `logprobDistance`. The last
 * block is the last 32 positions, so that no block has fewer unless the completion has. Machines of one arithmetic are a
 * few millionths apart everywhere; other weights, other prompts and left-out layers show in every block, a prompt that was
 * cut for a while in its own.
 *
 * The idea is TOPLOC's (arXiv:2501.16007), which holds the largest activations of 32 tokens against those of
 * one pass over all of them; here it is the likeliest tokens, which every engine can tell.
 *
 * @param positions how many of the two are compared, from the first
 */
export const measureLogprobs = (a: Fingerprint, b: Fingerprint, positions: number): number =>
  worstBlock(
    Float64Array.from({ length: positions }, (_, position) => logprobDistance(a, b, position)),
    (sum, count) => sum / count,
  );

/**
 * The statistic of the choices: the largest, over the same blocks, of a 32nd of the sum of margins (see `marginOf`), each at
 * most 1 nat. It is 0 when every token is the one that the seed and the rules choose, but for ties that the machines'
 * numbers break differently. The idea is Token-DiFR's (arXiv:2511.20621): with the seed known, what was drawn can
 * be drawn again.
 */
export const measureChoices = (margins: ArrayLike<number>): number =>
  worstBlock(
    Float64Array.from(margins, (steps) => Math.min(CLIP_STEPS, steps) / STEPS_PER_NAT),
    (sum) => sum / BLOCK_TOKENS,
  );

/**
 * The same mean for what the client was told of the tokens that stand, where it asked: evidence has only those that are among
 * the likeliest. In nats, a step for rounding taken off.
 */
export const measureTold = (a: readonly number[], b: readonly number[]): number =>
  worstBlock(
    Float64Array.from(a, (logprob, position) => {
      const apart = Math.abs(logprob - (b[position] ?? logprob)) * STEPS_PER_NAT;
      return clip(apart) / STEPS_PER_NAT;
    }),
    (sum, count) => sum / count,
  );

function worstBlock(values: Float64Array, meanOf: (sum: number, count: number) => number): number {
  let worst = 0;
  for (let end = BLOCK_TOKENS; end < values.length + BLOCK_TOKENS; end += BLOCK_TOKENS) {
    const block = values.subarray(Math.max(0, Math.min(end, values.length) - BLOCK_TOKENS), end);
    const sum = block.reduce((total, value) => total + value, 0);
    worst = Math.max(worst, meanOf(sum, block.length));
  }
  return worst;
}
