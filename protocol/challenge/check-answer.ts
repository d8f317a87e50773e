import { CHECKPOINT_BYTES, type Challenge, type ChallengeAnswer } from "@infernet/schemas/challenge";
import { parseHash } from "@infernet/schemas/hash";
import { segmentSalt } from "./segment-salt.ts";
import type { Stretch } from "./stretch.ts";

interface CheckOptions {
  /** Segments to compute anew. */
  segments: number;
  /** From 0, below 1. */
  random: () => number;
  stretch: Stretch;
}

/**
 * Whether an answer has the shape that was asked for and holds in segments chosen at random. Whoever makes up a share f of
 * the segments gets past n of them with probability (1 - f)^n, and gains 1 / (1 - f) in speed.
 */
export async function checkAnswer(
  challenge: Challenge,
  { seed, chains }: ChallengeAnswer,
  { segments, random, stretch }: CheckOptions,
): Promise<boolean> {
  if (seed !== challenge.seed || chains.length !== challenge.chains) return false;
  if (chains.some(({ byteLength }) => byteLength !== challenge.segments * CHECKPOINT_BYTES)) return false;
  for (let n = 0; n < segments; n++) {
    const chain = Math.floor(random() * challenge.chains);
    const segment = Math.floor(random() * challenge.segments);
    if (!(await holds(challenge, chains, chain, segment, stretch))) return false;
  }
  return true;
}

async function holds(
  challenge: Challenge,
  chains: readonly Uint8Array[],
  chain: number,
  segment: number,
  stretch: Stretch,
): Promise<boolean> {
  const checkpoints = chains[chain] ?? new Uint8Array();
  const at = (index: number): Uint8Array =>
    checkpoints.subarray(index * CHECKPOINT_BYTES, (index + 1) * CHECKPOINT_BYTES);
  const before = segment === 0 ? parseHash(challenge.seed) : at(segment - 1);
  const after = await stretch(before, segmentSalt(challenge, chain, segment), challenge.iterations);
  return at(segment).every((byte, index) => byte === after[index]);
}
