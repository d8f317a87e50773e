import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import type { LlmFeature } from "@infernet/schemas/llm/llm-settings";
import type { ModelManifest } from "@infernet/schemas/model";

/** Why a request cannot be answered by a model, and which of its members is at fault. */
export interface Unfit {
  code: "request_invalid" | "context_too_long" | "parameter_unsupported";
  /** Where in a `GenerationRequest`, as a JSON pointer. */
  pointer: string;
  detail: string;
}

/** What a request asks of a model that the manifest rules out; null when nothing. What only tokenising tells comes later. */
export function explainRequest(request: GenerationRequest, manifest: ModelManifest): Unfit | null {
  const { llm } = manifest;
  if (llm === undefined) throw new Error(`a model of the engine ${manifest.engine} generates no text`);
  const { prompt, sampling } = request;
  const { context_tokens } = llm;
  if (prompt.kind === "tokens" && prompt.tokens.length >= context_tokens)
    return {
      code: "context_too_long",
      pointer: "/prompt/tokens",
      detail: `the prompt is ${prompt.tokens.length} tokens and the model takes ${context_tokens}, its completion included`,
    };
  if (sampling.tokens_max > context_tokens)
    return {
      code: "request_invalid",
      pointer: "/sampling/tokens_max",
      detail: `is ${sampling.tokens_max}, and the model takes ${context_tokens} tokens, prompt and completion together`,
    };
  return explainFeature(request, llm.features) ?? explainParts(request, manifest);
}

function explainFeature(request: GenerationRequest, features: readonly LlmFeature[]): Unfit | null {
  const { sampling, tools, tool_choice, response_format, top_logprobs } = request;
  const asked: [LlmFeature, string, unknown][] = [
    ["tools", "/tools", tools],
    ["tools", "/tool_choice", tool_choice],
    ["response_format", "/response_format", response_format],
    ["penalties", "/sampling/presence_penalty", sampling.presence_penalty],
    ["penalties", "/sampling/frequency_penalty", sampling.frequency_penalty],
    ["logprobs", "/top_logprobs", top_logprobs ?? undefined],
  ];
  for (const [feature, pointer, value] of asked) {
    if (value === undefined || features.includes(feature)) continue;
    const has =
      features.length === 0 ? "it has none of the optional features" : `it has ${features.join(", ")}`;
    return {
      code: "parameter_unsupported",
      pointer,
      detail: `the model does not support ${feature}; ${has}`,
    };
  }
  return null;
}

/** The network's own engine reads text; servers may know more. */
function explainParts({ prompt }: GenerationRequest, { engine }: ModelManifest): Unfit | null {
  if (engine !== "llm" || prompt.kind !== "chat") return null;
  for (const [index, { content }] of prompt.messages.entries()) {
    if (!Array.isArray(content)) continue;
    const part = content.findIndex(({ type }) => type !== "text");
    if (part === -1) continue;
    return {
      code: "parameter_unsupported",
      pointer: `/prompt/messages/${index}/content/${part}`,
      detail: `the model reads text and no ${content[part]?.type}`,
    };
  }
  return null;
}
