import { LIMITS } from "@infernet/schemas/limits";
import { Prompt } from "@infernet/schemas/llm/generation-request";
import { z } from "zod";
import { HARMLESS_MEMBERS } from "./harmless-members.ts";
import { EXTENSION_MEMBERS } from "./infernet-members.ts";
import { REFUSED_MEMBERS } from "./refused-members.ts";
import { SAMPLING_MEMBERS } from "./sampling-members.ts";

const [, TextPrompt, TokensPrompt] = Prompt.options;
const text = TextPrompt.shape.text;
const tokens = TokensPrompt.shape.tokens;

/** The body of `POST /v1/completions`. */
export const CompletionRequest = z
  .strictObject({
    model: z.string().min(1).max(256),
    /** A text or its tokens, or several of either. */
    prompt: z.union([
      text,
      tokens,
      z.array(text).min(1).max(LIMITS.prompts_max),
      z.array(tokens).min(1).max(LIMITS.prompts_max),
    ]),
    ...SAMPLING_MEMBERS,
    /** Likeliest tokens to tell of at each position. */
    logprobs: z.int().min(0).max(5).nullish(),
    /** Refused: a completion does not repeat its prompt. */
    echo: z.boolean().nullish(),
    ...EXTENSION_MEMBERS,
    ...HARMLESS_MEMBERS,
    ...REFUSED_MEMBERS,
  })
  .meta({ id: "CompletionRequest" });
export type CompletionRequest = z.infer<typeof CompletionRequest>;
