const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

/** The upper 32 bits of the product of two words, by halves, since no number holds the whole. */
function multiplyHigh(a: number, b: number): number {
  const a_low = a & 0xffff;
  const a_high = a >>> 16;
  const b_low = b & 0xffff;
  const b_high = b >>> 16;
  const middle = (Math.imul(a_high, b_low) + (Math.imul(a_low, b_low) >>> 16)) | 0;
  const carried = (Math.imul(a_low, b_high) + (middle & 0xffff)) | 0;
  return (Math.imul(a_high, b_high) + (middle >>> 16) + (carried >>> 16)) | 0;
}

export interface PhiloxInput {
  /** Four words. */
  counter: readonly [number, number, number, number];
  /** Two words. */
  key: readonly [number, number];
}

/**
 * Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): four random words that follow from a
 * counter and a key, without any state between calls.
 */
export function philox({ counter, key }: PhiloxInput, words: Uint32Array): void {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const high_0 = multiplyHigh(MULTIPLIER_0, c0);
    const low_0 = Math.imul(MULTIPLIER_0, c0);
    const high_1 = multiplyHigh(MULTIPLIER_1, c2);
    const low_1 = Math.imul(MULTIPLIER_1, c2);
    c0 = high_1 ^ c1 ^ k0;
    c1 = low_1;
    c2 = high_0 ^ c3 ^ k1;
    c3 = low_0;
    k0 = (k0 + WEYL_0) | 0;
    k1 = (k1 + WEYL_1) | 0;
  }
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
}
