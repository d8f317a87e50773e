import { FinishReason, TokenLogprob } from "@infernet/schemas/llm/generation";
import { z } from "zod";
import type { Answer, Choice } from "./answer.ts";
import { type AnswerHead, HeadMembers, headOf } from "./answer-head.ts";
import { JobNote, renderJobNote } from "./render-job-note.ts";
import { OpenaiUsage, renderUsage } from "./render-usage.ts";

const ChoiceLogprobs = z.strictObject({ content: z.array(TokenLogprob), refusal: z.null() });

/** The answer to a chat request that is not streamed. */
export const ChatCompletion = HeadMembers.extend({
  object: z.literal("chat.completion"),
  choices: z.array(
    z.strictObject({
      index: z.int(),
      message: z.looseObject({
        role: z.literal("assistant"),
        content: z.string().nullable(),
        refusal: z.null(),
      }),
      logprobs: ChoiceLogprobs.nullable(),
      finish_reason: FinishReason,
    }),
  ),
  usage: OpenaiUsage,
  infernet: JobNote,
}).meta({ id: "ChatCompletion" });
export type ChatCompletion = z.infer<typeof ChatCompletion>;

/** A finished answer as OpenAI's API has it. Throws Error when it is not finished. */
export function renderChatCompletion(head: AnswerHead, answer: Answer): ChatCompletion {
  return {
    ...headOf(head, "chatcmpl"),
    object: "chat.completion",
    choices: answer.choices.map((choice, index) => renderChoice(choice, index, head.logprobs)),
    usage: renderUsage(answer, head.choices),
    infernet: renderJobNote(head.job, head.seed, answer),
  };
}

function renderChoice(
  { text, logprobs, finished }: Choice,
  index: number,
  withLogprobs: boolean,
): ChatCompletion["choices"][number] {
  if (finished?.finish_reason == null) throw new Error(`choice ${index} is not finished`);
  const more = finished.message ?? {};
  const content = text === "" && "tool_calls" in more ? null : text;
  return {
    index,
    message: { role: "assistant", content, refusal: null, ...more },
    logprobs: withLogprobs ? { content: logprobs, refusal: null } : null,
    finish_reason: finished.finish_reason,
  };
}
