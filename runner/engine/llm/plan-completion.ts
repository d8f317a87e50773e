import type { Given } from "@infernet/schemas/llm/lease-generation";
import type { RunMessage } from "./generation-message.ts";
import type { ModelText } from "./text/open-text.ts";
import { RefusedRequest, refuse } from "./text/refused-request.ts";

export interface CompletionPlan {
  prompt: number[];
  given: Given["tokens"];
}

/**
 * The tokens that a request begins with, and those that stand already.
 *
 * @throws RefusedRequest for what the model cannot do with it
 */
export function planCompletion(
  { request, given }: Pick<RunMessage, "request" | "given">,
  { text, context_tokens, vocabulary }: { text: ModelText; context_tokens: number; vocabulary: number },
): CompletionPlan {
  const refusal = refuse(request);
  if (refusal) throw new RefusedRequest(refusal.code, refusal.message);
  if (given !== null && given.tokens?.length !== given.positions)
    throw new RefusedRequest("request_invalid", "what is given of the completion does not say its tokens");
  const prompt = text.render(request);
  const tokens = given?.tokens ?? [];
  const unknown = tokens.find((token) => token >= vocabulary);
  if (unknown !== undefined)
    throw new RefusedRequest(
      "request_invalid",
      `the model has ${vocabulary} tokens, and none numbered ${unknown}`,
    );
  if (prompt.length >= context_tokens || prompt.length + tokens.length > context_tokens) {
    throw new RefusedRequest(
      "context_too_long",
      `The prompt has ${prompt.length} tokens, and ${tokens.length} follow; the model takes ${context_tokens} of prompt and completion together.`,
    );
  }
  return { prompt, given: tokens };
}
