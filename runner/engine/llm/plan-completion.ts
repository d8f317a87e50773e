import type { GenerationError } from "@infernet/schemas/llm/generation";
import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import type { Given } from "@infernet/schemas/llm/lease-generation";
import type { RunMessage } from "./generation-message.ts";
import { GenerationRefusal } from "./generation-refusal.ts";
import type { ModelText } from "./text-stand-in.ts";

export interface CompletionPlan {
  prompt: number[];
  given: Given["tokens"];
}

/**
 * The tokens that a request begins with, and those that stand already.
 *
 * @throws GenerationRefusal for what the model cannot do with it
 */
export function planCompletion(
  { task, request, given }: Pick<RunMessage, "task" | "request" | "given">,
  { text, context_tokens, vocabulary }: { text: ModelText; context_tokens: number; vocabulary: number },
): CompletionPlan {
  const unsupported = findUnsupported(request);
  if (unsupported) throw refusal("request_unsupported", `the model does not know ${unsupported}`);
  if (given !== null && given.tokens?.length !== given.positions)
    throw refusal("request_invalid", "what is given of the completion does not say its tokens");
  if (task === "score" && given?.positions === 0)
    throw refusal("request_invalid", "there is nothing to check");
  const prompt = text.render(request);
  const tokens = given?.tokens ?? [];
  if (prompt.length === 0) throw refusal("request_invalid", "the prompt has no tokens");
  const unknown = [...prompt, ...tokens].find((token) => token >= vocabulary);
  if (unknown !== undefined)
    throw refusal("request_invalid", `the model has ${vocabulary} tokens, and none numbered ${unknown}`);
  if (prompt.length >= context_tokens || prompt.length + tokens.length > context_tokens) {
    throw refusal(
      "context_too_long",
      `the prompt has ${prompt.length} tokens; the model takes ${context_tokens} of prompt and completion together`,
    );
  }
  return { prompt, given: tokens };
}

const refusal = (code: GenerationError["code"], message: string): GenerationRefusal =>
  new GenerationRefusal({ code, message });

function findUnsupported({ tools, response_format, sampling }: GenerationRequest): string | null {
  if (tools !== undefined && tools.length > 0) return "tools";
  if (response_format !== undefined && !isPlainText(response_format)) return "response formats";
  if (sampling.presence_penalty || sampling.frequency_penalty) return "penalties";
  return null;
}

const isPlainText = (format: unknown): boolean =>
  typeof format === "object" && format !== null && "type" in format && format.type === "text";
