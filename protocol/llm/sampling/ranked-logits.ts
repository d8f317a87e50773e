import type { Nucleus } from "./nucleus.ts";

/** Logits in ascending order with the mass of all before each: how far tokens are from a nucleus's edge. */
export class RankedLogits {
  readonly #ascending: Float32Array;
  /** Of the tokens before each, then of all; not normalised. */
  readonly #mass: Float64Array;
  readonly #nucleus: Nucleus;
  readonly #top: number;

  /** @param top the highest of the logits */
  constructor(logits: Float32Array, nucleus: Nucleus, top: number) {
    this.#ascending = logits.filter((logit) => logit > Number.NEGATIVE_INFINITY).sort();
    this.#nucleus = nucleus;
    this.#top = top;
    this.#mass = new Float64Array(this.#ascending.length + 1);
    for (let i = 0; i < this.#ascending.length; i++) {
      this.#mass[i + 1] = (this.#mass[i] ?? 0) + this.#massOf(this.#ascending[i] ?? 0);
    }
  }

  /**
   * How far a token outside the nucleus is from being inside: the least, over rises of its logit, of the greater of the rise
   * and of temperature times how far the log-odds of the then likelier tokens are above those of `top_p`.
   */
  toInside(logit: number): number {
    const risen = this.#count((other) => other <= logit);
    return leastOfGreater(
      this.#ascending.length - risen + 1,
      (step) => (step === 0 ? 0 : (this.#ascending[risen + step - 1] ?? 0) - logit),
      (step) => {
        const level = step === 0 ? logit : (this.#ascending[risen + step - 1] ?? 0);
        const end = this.#count((other) => other <= level);
        return this.#oddsAbove(this.#massFrom(end), this.#mass[end] ?? 0);
      },
    );
  }

  /** How far a token inside the nucleus is from being outside: as `toInside`, with its logit falling. */
  toOutside(logit: number): number {
    const own = this.#massOf(logit);
    const fallen = this.#count((other) => other < logit);
    return leastOfGreater(
      fallen + 1,
      (step) => logit - (this.#ascending[fallen - step] ?? 0),
      (step) => {
        const level = this.#ascending[fallen - step] ?? 0;
        const start = this.#count((other) => other < level);
        return -this.#oddsAbove(this.#massFrom(start) - own, (this.#mass[start] ?? 0) + own);
      },
    );
  }

  #massOf(logit: number): number {
    return Math.exp((logit - this.#top) / this.#nucleus.temperature);
  }

  /** Mass of the tokens from this index on. */
  #massFrom(index: number): number {
    return (this.#mass[this.#ascending.length] ?? 0) - (this.#mass[index] ?? 0);
  }

  /** Temperature times how far the log-odds of the likelier tokens against the rest are above those of `top_p`. */
  #oddsAbove(likelier: number, rest: number): number {
    const { top_p, temperature } = this.#nucleus;
    return temperature * (Math.log(Math.max(0, likelier) / rest) - Math.log(top_p / (1 - top_p)));
  }

  /** How many logits, from the lowest on, hold to a rule that no higher one holds to. */
  #count(holds: (logit: number) => boolean): number {
    return firstWhere(this.#ascending.length, (i) => !holds(this.#ascending[i] ?? 0));
  }
}

/** The first whole number below `end` from which on something is so, or `end`. */
function firstWhere(end: number, isSo: (i: number) => boolean): number {
  let low = 0;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isSo(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The least over steps of the greater of what grows and what shrinks with each step; at least 0. */
function leastOfGreater(
  steps: number,
  growing: (step: number) => number,
  shrinking: (step: number) => number,
): number {
  const crossing = firstWhere(steps, (step) => growing(step) >= shrinking(step));
  const after = crossing < steps ? growing(crossing) : Number.POSITIVE_INFINITY;
  const before = crossing > 0 ? shrinking(crossing - 1) : Number.POSITIVE_INFINITY;
  return Math.max(0, Math.min(after, before));
}
