import type { GenerationError } from "@infernet/schemas/llm/generation";
import type { ChatMessage, GenerationRequest } from "@infernet/schemas/llm/generation-request";
import type { Given } from "@infernet/schemas/llm/lease-generation";
import type { ServerKind } from "./probe-server.ts";

export interface PlannedRequest {
  path: "/v1/chat/completions" | "/v1/completions";
  body: Record<string, unknown>;
}

type Refusal = { error: GenerationError };
type Json = Record<string, unknown>;

/** Servers keep a seed in a signed 32-bit number, or take the largest unsigned one for none. */
const SEED_MASK = 0x7fff_ffff;

/** Kinds that take a prompt of token ids. */
const TAKES_IDS: readonly ServerKind[] = ["vllm", "llama.cpp"];

/**
 * What a server of this kind is asked, so that it makes the completion or goes on with what is given of it, whose text is
 * not empty then.
 */
export function planRequest(
  model: string,
  kind: ServerKind,
  request: GenerationRequest,
  given: Given | null,
): PlannedRequest | Refusal {
  const { prompt, response_format } = request;
  const common = { model, ...samplingOf(request, given), ...defined({ response_format }) };
  if (prompt.kind === "chat") return planChat(common, kind, request, prompt.messages, given);
  if (request.tools !== undefined || request.tool_choice !== undefined)
    return unsupported("tools belong to chats; this request completes a text");
  if (prompt.kind === "tokens" && !TAKES_IDS.includes(kind))
    return unsupported(`the server is one of the kind ${kind}, which takes no prompt of token ids`);
  if (prompt.kind === "tokens" && given !== null)
    return unsupported("a completion of token ids cannot be gone on with: only its text is known");
  const { top_logprobs } = request;
  const start = prompt.kind === "tokens" ? prompt.tokens : `${prompt.text}${given?.text ?? ""}`;
  const logprobs = top_logprobs === null ? {} : { logprobs: top_logprobs };
  return { path: "/v1/completions", body: { ...common, ...logprobs, prompt: start } };
}

function planChat(
  common: Json,
  kind: ServerKind,
  { top_logprobs, tools, tool_choice }: GenerationRequest,
  messages: readonly ChatMessage[],
  given: Given | null,
): PlannedRequest | Refusal {
  if (messages.some(pointsElsewhere))
    return unsupported(
      "only text and data: addresses are taken: no server here fetches anything for a request",
    );
  return {
    path: "/v1/chat/completions",
    body: {
      ...common,
      ...defined({ tools, tool_choice }),
      ...(top_logprobs === null ? {} : { logprobs: true, top_logprobs }),
      ...(given === null ? { messages } : continueChat(kind, messages, given.text)),
    },
  };
}

/**
 * Every kind goes on with an assistant's message that stands last; vLLM has to be told. llama.cpp takes no two of them, so
 * what is given goes to the end of one that the request itself has there.
 */
function continueChat(kind: ServerKind, messages: readonly ChatMessage[], text: string): Json {
  const last = messages.at(-1);
  const own = last?.role === "assistant" && typeof last.content === "string" ? last : null;
  const continued = own
    ? [...messages.slice(0, -1), { ...own, content: `${own.content}${text}` }]
    : [...messages, { role: "assistant", content: text }];
  return {
    messages: continued,
    ...(kind === "vllm" ? { continue_final_message: true, add_generation_prompt: false } : {}),
  };
}

function samplingOf({ sampling }: GenerationRequest, given: Given | null): Json {
  const { temperature, top_p, seed, tokens_max, stop, presence_penalty, frequency_penalty } = sampling;
  return {
    stream: true,
    stream_options: { include_usage: true },
    temperature,
    top_p,
    seed: seed & SEED_MASK,
    max_tokens: tokens_max - (given?.positions ?? 0),
    ...(stop.length > 0 ? { stop } : {}),
    ...defined({ presence_penalty, frequency_penalty }),
  };
}

/**
 * Whether a part of the message names an address: servers fetch what is behind it, from their owner's network, and a
 * stranger must not choose what that is.
 */
const pointsElsewhere = ({ content }: ChatMessage): boolean =>
  Array.isArray(content) &&
  content.some(({ type, ...rest }) => type !== "text" && !Object.entries(rest).every(isOwnData));

/** Bytes of an image or a sound themselves, and words about them. */
function isOwnData([key, value]: [string, unknown]): boolean {
  if (typeof value === "string")
    return key.endsWith("url") ? value.startsWith("data:") : /^[A-Za-z0-9+/=_.-]*$/.test(value);
  return typeof value !== "object" || value === null || Object.entries(value).every(isOwnData);
}

const unsupported = (message: string): Refusal => ({ error: { code: "request_unsupported", message } });

const defined = (members: Json): Json =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
