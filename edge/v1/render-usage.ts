import { z } from "zod";
import { type Answer, choiceOf } from "./answer.ts";

/** What an answer took, as OpenAI counts it. */
export const OpenaiUsage = z
  .strictObject({
    prompt_tokens: z.int(),
    completion_tokens: z.int(),
    total_tokens: z.int(),
    prompt_tokens_details: z.strictObject({ cached_tokens: z.int() }),
  })
  .meta({ id: "OpenaiUsage" });
export type OpenaiUsage = z.infer<typeof OpenaiUsage>;

/**
 * Each prompt counts once however many choices it has, as with OpenAI.
 *
 * @param choices completions of each prompt, which follow one another
 */
export function renderUsage(answer: Answer, choices: number): OpenaiUsage {
  const usage = { prompt_tokens: 0, completion_tokens: 0, cached_tokens: 0 };
  for (const row of answer.choices.keys()) {
    const made = choiceOf(answer, row).finished?.usage;
    if (!made) continue;
    usage.completion_tokens += made.completion_tokens;
    if (row % choices !== 0) continue;
    usage.prompt_tokens += made.prompt_tokens;
    usage.cached_tokens += made.cached_tokens;
  }
  const { prompt_tokens, completion_tokens, cached_tokens } = usage;
  return {
    prompt_tokens,
    completion_tokens,
    total_tokens: prompt_tokens + completion_tokens,
    prompt_tokens_details: { cached_tokens },
  };
}
