import { CHECKPOINT_BYTES, type Challenge } from "@infernet/schemas/challenge";
import type { Bytes } from "@infernet/schemas/digest";
import { parseHash } from "@infernet/schemas/hash";
import { segmentSalt } from "./segment-salt.ts";
import type { Stretch } from "./stretch.ts";

/** Works one chain from the seed on: what each of its segments ends with, one after the other. */
export async function answerChain(challenge: Challenge, chain: number, stretch: Stretch): Promise<Bytes> {
  const { segments, iterations } = challenge;
  const checkpoints = new Uint8Array(segments * CHECKPOINT_BYTES);
  let value: Uint8Array = parseHash(challenge.seed);
  for (let segment = 0; segment < segments; segment++) {
    value = await stretch(value, segmentSalt(challenge, chain, segment), iterations);
    checkpoints.set(value, segment * CHECKPOINT_BYTES);
  }
  return checkpoints;
}
