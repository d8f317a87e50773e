import type { Challenge } from "@infernet/schemas/challenge";
import type { Bytes } from "@infernet/schemas/digest";
import { parseHash } from "@infernet/schemas/hash";

/**
 * The salt of one segment: the seed, then the numbers of chain and segment, each as four bytes, the highest first. So no
 * segment's work serves for another, in whatever chain.
 */
export function segmentSalt({ seed }: Pick<Challenge, "seed">, chain: number, segment: number): Bytes {
  const salt = new Uint8Array(40);
  salt.set(parseHash(seed));
  const numbers = new DataView(salt.buffer);
  numbers.setUint32(32, chain);
  numbers.setUint32(36, segment);
  return salt;
}
