import { philox } from "./philox.ts";

/** Sets this use of the generator apart from any other: "infe" in ASCII. */
const PURPOSE = 0x696e6665;

/** The largest value that `gumbelOf` gives: what lies further behind cannot win. */
export const GUMBEL_MAX = 22.9;

/** Gumbel noise of a word: -ln(-ln u) with u = (word + 1/2) / 2^32, which is never 0 or 1. */
export const gumbelOf = (word: number): number => -Math.log(-Math.log((word + 0.5) / 2 ** 32));

/** What is at least `gumbelOf(word)`, without a logarithm: -ln(-ln u) <= -ln(1 - u), and that by whole powers of two. */
export const gumbelBound = (word: number): number => (Math.clz32(~word) + 1) * Math.LN2;

export interface TokenNoise {
  /** The words of the tokens from `first` on, which is a multiple of 4, as long as no others are asked for. */
  four(first: number): Uint32Array;
  /** Gumbel noise of one token. */
  of(token: number): number;
}

/**
 * The noise of every token at one position of a completion: word `token & 3` of Philox4x32-10 with the counter
 * `(token >> 2, position, 0, 0)` and the key `(seed, 0x696e6665)`.
 */
export function tokenNoise(seed: number, position: number): TokenNoise {
  const words = new Uint32Array(4);
  const key = [seed, PURPOSE] as const;
  const four = (first: number): Uint32Array => {
    philox({ counter: [first >>> 2, position, 0, 0], key }, words);
    return words;
  };
  return { four, of: (token) => gumbelOf(four(token)[token & 3] as number) };
}
