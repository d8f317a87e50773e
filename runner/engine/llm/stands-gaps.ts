import type { Decoder } from "./decoder.ts";
import { type Fresh, KeyValueSlots } from "./key-value-slots.ts";

/** Tokens that every model has. */
const TOKENS = [0, 1, 2, 3, 4];

/**
 * Whether a decoder computes the same bits however much room there is behind its past that the mask leaves out, and when there
 * are other rows beside it: then completions of different lengths share calls. Some do not: their attention takes the past to be without gaps (`GroupQueryAttention`), or they find the new tokens' positions by the
 * room there is. Tried, for a graph does not say.
 */
export async function standsGaps(decoder: Decoder): Promise<boolean> {
  const first = new KeyValueSlots(decoder.layout);
  first.add();
  const { fresh } = await decoder.compute(first, 0, TOKENS, [0]);
  const alone = await step(decoder, fresh, { rows: 1, room: 32 });
  const among = await step(decoder, fresh, { rows: 2, room: 64 });
  return alone.every((logit, token) => Object.is(logit, among[token]));
}

/** The logits of a token after `TOKENS`, where there is room for more. */
async function step(
  decoder: Decoder,
  fresh: Fresh,
  { rows, room }: { rows: number; room: number },
): Promise<Float32Array> {
  const slots = new KeyValueSlots(decoder.layout);
  for (let row = 0; row < rows; row++) slots.put(slots.add(), 0, TOKENS.length, fresh, 0);
  slots.fit(room);
  const each = Array.from({ length: rows }, () => TOKENS.length);
  const { logits } = await decoder.compute(slots, 0, each, each);
  return logits.subarray(0, logits.length / rows);
}
