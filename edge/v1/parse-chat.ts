import { LIMITS } from "@infernet/schemas/limits";
import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import type { ModelManifest } from "@infernet/schemas/model";
import { assertRowsFit } from "./assert-rows-fit.ts";
import type { ChatRequest } from "./chat-request.ts";
import { assertNoneRefused } from "./refused-members.ts";
import { samplingOf, seedOfRequest } from "./sampling-members.ts";

/** What a request for text comes to: a row for each completion. */
export interface RowsOfRequest {
  rows: GenerationRequest[];
  /** Of the first row; those after it count up from there. */
  seed: number;
}

/**
 * The rows of a chat request, one for each of its `n` choices.
 *
 * @param anySeed what it is seeded with when it does not say
 * @throws InfernetError `request_invalid`, `parameter_unsupported` and `context_too_long`, naming the request's own member
 */
export function parseChat(request: ChatRequest, manifest: ModelManifest, anySeed: number): RowsOfRequest {
  assertNoneRefused(request);
  const { messages, tools, tool_choice, response_format } = request;
  const seed = seedOfRequest(request) ?? anySeed;
  const tokens_max = request.max_completion_tokens ?? request.max_tokens ?? completionTokens(manifest);
  const isPlain = response_format === undefined || response_format === null || isText(response_format);
  const rows = Array.from({ length: request.n ?? 1 }, (_, index) => ({
    prompt: { kind: "chat" as const, messages },
    sampling: samplingOf(request, { seed, index, tokens_max }),
    top_logprobs: topLogprobs(request),
    ...(tools && tools.length > 0 ? { tools, ...(tool_choice ? { tool_choice } : {}) } : {}),
    ...(isPlain ? {} : { response_format }),
  }));
  const isNewer = typeof request.max_completion_tokens === "number";
  assertRowsFit(rows, manifest, {
    ...(isNewer ? { "/max_tokens": "/max_completion_tokens" } : {}),
    ...(request.top_logprobs ? {} : { "/top_logprobs": "/logprobs" }),
  });
  return { rows, seed };
}

/** Tokens that a completion gets when nobody says: so many are set aside for, and what is not used is not paid. */
const completionTokens = ({ llm }: ModelManifest): number =>
  Math.min(llm?.context_tokens ?? 1, LIMITS.completion_tokens_default);

const topLogprobs = ({ logprobs, top_logprobs }: ChatRequest): number | null =>
  logprobs ? (top_logprobs ?? 0) : null;

const isText = (format: unknown): boolean =>
  typeof format === "object" && format !== null && "type" in format && format.type === "text";
