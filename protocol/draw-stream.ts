import type { Sha256 } from "@infernet/schemas/digest";
import { hashSha256, parseHash } from "@infernet/schemas/hash";

/** Uniform whole numbers that anyone with the draw's value can repeat. */
export interface DrawStream {
  /** From 0 to below `bound`, which is at most 2^32. */
  below(bound: number): number;
}

const WORDS = 8;
const SPAN = 2 ** 32;

/**
 * SHA-256 in counter mode: block n is sha256(value || n as 4 bytes, big-endian || label in UTF-8), read as eight
 * big-endian words. A word that would make low numbers likelier is passed over.
 */
export function createDrawStream(value: Sha256, label: string): DrawStream {
  const tail = new TextEncoder().encode(label);
  const input = new Uint8Array(36 + tail.length);
  input.set(parseHash(value));
  input.set(tail, 36);
  const counter = new DataView(input.buffer, 32, 4);
  let block: DataView = new DataView(new ArrayBuffer(32));
  let used = WORDS;
  let blocks = 0;

  function word(): number {
    if (used === WORDS) {
      counter.setUint32(0, blocks++);
      const hashed = hashSha256(input);
      block = new DataView(hashed.buffer, hashed.byteOffset, hashed.byteLength);
      used = 0;
    }
    return block.getUint32(4 * used++);
  }

  return {
    below(bound) {
      const fair = SPAN - (SPAN % bound);
      for (let n = word(); ; n = word()) if (n < fair) return n % bound;
    },
  };
}
