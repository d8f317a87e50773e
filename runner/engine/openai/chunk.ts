import { LIMITS } from "@infernet/schemas/limits";
import type { TokenLogprob } from "@infernet/schemas/llm/generation";
import { z } from "zod";
import { parseJson, ServerUnusable } from "./ask-server.ts";

const Token = z.string().max(LIMITS.token_chars_max);
const Bytes = z.array(z.int().min(0).max(255)).max(LIMITS.token_chars_max).nullish();
/** Servers write a probability of 0 as the least number that they have, or as null. */
const Logprob = z
  .number()
  .nullish()
  .transform((value) => Math.max(value ?? LEAST_LOGPROB, LEAST_LOGPROB));
const LEAST_LOGPROB = -9999;

const Alternative = z
  .looseObject({ token: Token, logprob: Logprob, bytes: Bytes })
  .transform(({ token, logprob, bytes }) => ({ token, logprob, bytes: bytes ?? null }));

/** As chats have it, and completions of llama.cpp. */
const ContentLogprobs = z
  .looseObject({
    content: z.array(
      z.looseObject({
        token: Token,
        logprob: Logprob,
        bytes: Bytes,
        top_logprobs: z
          .array(Alternative)
          .max(LIMITS.top_logprobs_max + 1)
          .nullish(),
      }),
    ),
  })
  .transform(({ content }): TokenLogprob[] =>
    content.map(({ token, logprob, bytes, top_logprobs }) => ({
      token,
      logprob,
      bytes: bytes ?? null,
      top_logprobs: (top_logprobs ?? []).slice(0, LIMITS.top_logprobs_max),
    })),
  );

/** As OpenAI's older completions have it, and vLLM's. */
const ListedLogprobs = z
  .looseObject({
    tokens: z.array(Token),
    token_logprobs: z.array(Logprob),
    top_logprobs: z.array(z.record(Token, Logprob).nullable()).nullish(),
  })
  .transform(({ tokens, token_logprobs, top_logprobs }): TokenLogprob[] =>
    tokens.map((token, i) => ({
      token,
      logprob: token_logprobs[i] ?? LEAST_LOGPROB,
      bytes: null,
      top_logprobs: Object.entries(top_logprobs?.[i] ?? {})
        .slice(0, LIMITS.top_logprobs_max)
        .map(([other, logprob]) => ({ token: other, logprob, bytes: null })),
    })),
  );

const Choice = z.looseObject({
  index: z.literal(0).optional(),
  /** Of a chat. */
  delta: z.looseObject({ content: z.string().nullish() }).nullish(),
  /** Of a completion. */
  text: z.string().nullish(),
  finish_reason: z.string().nullish(),
  logprobs: z.union([ContentLogprobs, ListedLogprobs]).nullish().catch(null),
});
export type Choice = z.infer<typeof Choice>;

const Count = z.int().min(0).max(LIMITS.context_tokens_max);

const Chunk = z.looseObject({
  model: z.string().optional(),
  choices: z.array(Choice).max(1).optional(),
  usage: z
    .looseObject({
      prompt_tokens: Count,
      completion_tokens: Count.default(0),
      prompt_tokens_details: z.looseObject({ cached_tokens: Count.nullish() }).nullish(),
    })
    .nullish(),
  error: z.unknown().optional(),
});
export type Chunk = z.infer<typeof Chunk>;

/** One event of a stream of OpenAI's API. Throws `ServerUnusable` where it is none. */
export function parseChunk(data: string): Chunk {
  const parsed = Chunk.safeParse(parseJson(data));
  if (parsed.success) return parsed.data;
  throw new ServerUnusable("its stream has an event that is not of the OpenAI API");
}
