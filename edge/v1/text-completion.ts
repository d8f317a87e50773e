import { FinishReason, type TokenLogprob } from "@infernet/schemas/llm/generation";
import { z } from "zod";
import type { Answer } from "./answer.ts";
import { type AnswerHead, HeadMembers, headOf } from "./answer-head.ts";
import { JobNote, renderJobNote } from "./render-job-note.ts";
import { OpenaiUsage, renderUsage } from "./render-usage.ts";

/** The likelihood of tokens as the older of OpenAI's two routes tells it. */
const TextLogprobs = z.strictObject({
  tokens: z.array(z.string()),
  token_logprobs: z.array(z.number()),
  top_logprobs: z.array(z.record(z.string(), z.number())),
  /** Where each token begins in the text, in UTF-16 units. */
  text_offset: z.array(z.int()),
});
export type TextLogprobs = z.infer<typeof TextLogprobs>;

/** The answer to a request for completions that is not streamed. */
export const TextCompletion = HeadMembers.extend({
  object: z.literal("text_completion"),
  choices: z.array(
    z.strictObject({
      index: z.int(),
      text: z.string(),
      logprobs: TextLogprobs.nullable(),
      finish_reason: FinishReason,
    }),
  ),
  usage: OpenaiUsage,
  infernet: JobNote,
}).meta({ id: "TextCompletion" });
export type TextCompletion = z.infer<typeof TextCompletion>;

/** A finished answer as OpenAI's API has it. Throws Error when it is not finished. */
export function renderTextCompletion(head: AnswerHead, answer: Answer): TextCompletion {
  return {
    ...headOf(head, "cmpl"),
    object: "text_completion",
    choices: answer.choices.map(({ text, logprobs, finished }, index) => {
      if (finished?.finish_reason == null) throw new Error(`choice ${index} is not finished`);
      return {
        index,
        text,
        logprobs: head.logprobs ? renderTextLogprobs(logprobs, 0) : null,
        finish_reason: finished.finish_reason,
      };
    }),
    usage: renderUsage(answer, head.choices),
    infernet: renderJobNote(head.job, head.seed, answer),
  };
}

/** @param offset where the first of the tokens begins in the text */
export function renderTextLogprobs(logprobs: readonly TokenLogprob[], offset: number): TextLogprobs {
  const told: TextLogprobs = { tokens: [], token_logprobs: [], top_logprobs: [], text_offset: [] };
  let at = offset;
  for (const { token, logprob, top_logprobs } of logprobs) {
    told.tokens.push(token);
    told.token_logprobs.push(logprob);
    told.top_logprobs.push(Object.fromEntries(top_logprobs.map((other) => [other.token, other.logprob])));
    told.text_offset.push(at);
    at += token.length;
  }
  return told;
}
