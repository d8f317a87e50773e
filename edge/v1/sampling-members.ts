import { LIMITS } from "@infernet/schemas/limits";
import type { Sampling } from "@infernet/schemas/llm/generation-request";
import { z } from "zod";

/** The smallest nucleus: of one token, the likeliest. */
const TOP_P_MIN = 2 ** -20;
const SEEDS = 2 ** 32;

const stop = z.string().min(1).max(LIMITS.stop_chars_max);
const tokens = z.int().min(1).max(LIMITS.context_tokens_max);

/** How tokens are chosen, as chat and text completions both have it. `null` is the default, as OpenAI has it. */
export const SAMPLING_MEMBERS = {
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  max_tokens: tokens.nullish(),
  stop: z.union([stop, z.array(stop).max(LIMITS.stops_max)]).nullish(),
  /** Modulo 2^32. The same seed gives the same completion on any machine of one execution class. */
  seed: z.int().nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  n: z.int().min(1).max(LIMITS.choices_max).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z
    .strictObject({ include_usage: z.boolean().nullish(), include_obfuscation: z.boolean().nullish() })
    .nullish(),
} as const;

const SamplingMembers = z.strictObject(SAMPLING_MEMBERS);
export type SamplingMembers = z.infer<typeof SamplingMembers>;

/**
 * The sampling of choice `index`.
 *
 * @param seed of the first choice; those after it count up from there
 * @param tokens_max what the request allows a completion
 */
export function samplingOf(
  request: SamplingMembers,
  { seed, index, tokens_max }: { seed: number; index: number; tokens_max: number },
): Sampling {
  const { temperature, top_p, stop, presence_penalty, frequency_penalty } = request;
  return {
    temperature: temperature ?? 1,
    top_p: Math.max(top_p ?? 1, TOP_P_MIN),
    seed: (seed + index) % SEEDS,
    tokens_max,
    stop: typeof stop === "string" ? [stop] : (stop ?? []),
    ...(presence_penalty ? { presence_penalty } : {}),
    ...(frequency_penalty ? { frequency_penalty } : {}),
  };
}

/** The seed of a request that names one, within 32 bits; null when any will do. */
export const seedOfRequest = ({ seed }: Pick<SamplingMembers, "seed">): number | null =>
  seed === undefined || seed === null ? null : ((seed % SEEDS) + SEEDS) % SEEDS;
