import { LIMITS } from "@infernet/schemas/limits";
import { ChatMessage } from "@infernet/schemas/llm/generation-request";
import { z } from "zod";
import { HARMLESS_MEMBERS } from "./harmless-members.ts";
import { EXTENSION_MEMBERS } from "./infernet-members.ts";
import { REFUSED_MEMBERS } from "./refused-members.ts";
import { SAMPLING_MEMBERS } from "./sampling-members.ts";

const { best_of, suffix, ...refused } = REFUSED_MEMBERS;

/** The body of `POST /v1/chat/completions`. */
export const ChatRequest = z
  .strictObject({
    model: z.string().min(1).max(256),
    messages: z.array(ChatMessage).min(1).max(LIMITS.messages_max),
    ...SAMPLING_MEMBERS,
    /** The newer name of `max_tokens`, which it goes before. */
    max_completion_tokens: SAMPLING_MEMBERS.max_tokens,
    logprobs: z.boolean().nullish(),
    top_logprobs: z.int().min(0).max(LIMITS.top_logprobs_max).nullish(),
    tools: z.array(z.unknown()).max(128).nullish(),
    tool_choice: z.unknown().optional(),
    response_format: z.unknown().optional(),
    ...EXTENSION_MEMBERS,
    ...HARMLESS_MEMBERS,
    ...refused,
  })
  .meta({ id: "ChatRequest" });
export type ChatRequest = z.infer<typeof ChatRequest>;
