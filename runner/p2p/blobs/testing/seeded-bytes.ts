import type { Bytes } from "@infernet/schemas/digest";

/** The same bytes for the same seed, no two chunks of them alike (xorshift32). */
export function seededBytes(seed: number, bytes: number): Bytes {
  const words = new Uint32Array(Math.ceil(bytes / 4));
  let state = (seed + 1) * 2_654_435_761;
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return new Uint8Array(words.buffer, 0, bytes);
}
