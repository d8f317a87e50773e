import { encodeLikely, FINGERPRINT_TOKENS, renderFingerprint } from "@infernet/schemas/llm/fingerprint";
import type { Completion } from "@infernet/schemas/llm/generation";
import { seededRandom } from "@infernet/schemas/seeded-random";

const VOCABULARY = 1_000;

export interface CompletionShape {
  positions: number;
  /** What the model computes follows from it. */
  seed?: number;
  /** How far each logprob is off, drawn evenly from both sides. */
  noise?: number;
  /** Positions that `noise` is at. */
  noisy?: (position: number) => boolean;
  margins?: (position: number) => number;
}

/** A completion as a machine might hand it in, with made-up numbers. */
export function completionOf({
  positions,
  seed = 1,
  noise = 0,
  noisy = () => true,
  margins = () => 0,
}: CompletionShape): Completion {
  const random = seededRandom(seed);
  const disturb = seededRandom(seed + 1);
  const tokens: number[] = [];
  const parts: Uint8Array[] = [];
  for (let position = 0; position < positions; position++) {
    const first = Math.floor(random() * VOCABULARY);
    const likely = Array.from({ length: FINGERPRINT_TOKENS }, (_, i) => ({
      token: first + i,
      logprob: -2 - 0.4 * i - 0.3 * random() + (noisy(position) ? noise * (2 * disturb() - 1) : 0),
    })).sort((a, b) => b.logprob - a.logprob);
    parts.push(encodeLikely(likely));
    tokens.push(first);
  }
  return {
    text: tokens.join(" "),
    tokens,
    finish_reason: "stop",
    usage: { prompt_tokens: 5, cached_tokens: 0, completion_tokens: positions },
    logprobs: null,
    evidence: {
      fingerprint: renderFingerprint(parts),
      margins: tokens.map((_, position) => margins(position)),
    },
  };
}
