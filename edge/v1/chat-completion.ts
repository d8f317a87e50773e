import { createdMs } from "@infernet/schemas/ids";
import type { Job } from "@infernet/schemas/job";
import { FinishReason, TokenLogprob } from "@infernet/schemas/llm/generation";
import { z } from "zod";
import type { Answer, Choice } from "./answer.ts";
import { JobNote, renderJobNote } from "./render-job-note.ts";
import { OpenaiUsage, renderUsage } from "./render-usage.ts";

const ChoiceLogprobs = z.strictObject({ content: z.array(TokenLogprob), refusal: z.null() });

/** The answer to a chat request that is not streamed. */
export const ChatCompletion = z
  .strictObject({
    id: z.string(),
    object: z.literal("chat.completion"),
    /** Unix time in seconds. */
    created: z.int(),
    model: z.string(),
    system_fingerprint: z.string(),
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
  })
  .meta({ id: "ChatCompletion" });
export type ChatCompletion = z.infer<typeof ChatCompletion>;

/** What every part of an answer says of where it comes from. */
export interface AnswerHead {
  job: Job;
  /** As the request named it. */
  model: string;
  seed: number;
  /** Whether the request asked for the likelihood of tokens. */
  logprobs: boolean;
  /** Completions of each prompt. */
  choices: number;
}

/** Members that a whole answer and each of its chunks have alike. */
export const headOf = ({ job, model }: Pick<AnswerHead, "job" | "model">, prefix: "chatcmpl" | "cmpl") => ({
  id: `${prefix}-${job.id.slice("job_".length)}`,
  created: Math.floor(createdMs(job.id) / 1_000),
  model,
  system_fingerprint: `fp_${job.model.digest.slice(0, 12)}`,
});

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
