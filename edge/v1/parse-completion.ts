import { InfernetError } from "@infernet/schemas/errors";
import type { Prompt } from "@infernet/schemas/llm/generation-request";
import type { ModelManifest } from "@infernet/schemas/model";
import { assertRowsFit } from "./assert-rows-fit.ts";
import type { CompletionRequest } from "./completion-request.ts";
import type { RowsOfRequest } from "./parse-chat.ts";
import { assertNoneRefused } from "./refused-members.ts";
import { samplingOf, seedOfRequest } from "./sampling-members.ts";

/** Tokens of a completion whose request does not say, as OpenAI has it on this route. */
const TOKENS_DEFAULT = 16;

/**
 * The rows of a request for completions: for each prompt its `n` choices, one after the other.
 *
 * @param anySeed what it is seeded with when it does not say
 * @throws InfernetError `request_invalid`, `parameter_unsupported` and `context_too_long`, naming the request's own member
 */
export function parseCompletion(
  request: CompletionRequest,
  manifest: ModelManifest,
  anySeed: number,
): RowsOfRequest {
  assertNoneRefused(request);
  if (request.echo) {
    const detail = "`echo` is not supported: a completion does not repeat its prompt.";
    throw new InfernetError("parameter_unsupported", detail, { errors: [{ pointer: "/echo", detail }] });
  }
  const seed = seedOfRequest(request) ?? anySeed;
  const tokens_max = request.max_tokens ?? Math.min(TOKENS_DEFAULT, manifest.llm?.context_tokens ?? 1);
  const choices = request.n ?? 1;
  const rows = promptsOf(request).flatMap((prompt, at) =>
    Array.from({ length: choices }, (_, choice) => ({
      prompt,
      sampling: samplingOf(request, { seed, index: at * choices + choice, tokens_max }),
      top_logprobs: request.logprobs ?? null,
    })),
  );
  assertRowsFit(rows, manifest, { "/top_logprobs": "/logprobs" });
  return { rows, seed };
}

function promptsOf({ prompt }: CompletionRequest): Prompt[] {
  if (typeof prompt === "string") return [{ kind: "text", text: prompt }];
  const prompts: Prompt[] = [];
  const tokens: number[] = [];
  for (const part of prompt) {
    if (typeof part === "number") tokens.push(part);
    else if (typeof part === "string") prompts.push({ kind: "text", text: part });
    else prompts.push({ kind: "tokens", tokens: part });
  }
  return tokens.length > 0 ? [{ kind: "tokens", tokens }] : prompts;
}
