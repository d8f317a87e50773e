import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";

/** Tokens that a chat template may put around each message, and at the start and end. */
const TEMPLATE_TOKENS = 64;
/** Bytes of ordinary text for each token, about. */
const BYTES_PER_TOKEN = 4;

const encoder = new TextEncoder();

/**
 * Tokens that a prompt can have at most: no tokenizer makes more than one of each byte, and a template adds a few to each
 * message. Infinity where it holds parts that are not text, or tools, which only the model's server can count.
 */
export function promptTokensMax({ prompt, tools, response_format }: GenerationRequest): number {
  if (prompt.kind === "tokens") return prompt.tokens.length;
  if (tools !== undefined || response_format !== undefined) return Number.POSITIVE_INFINITY;
  if (prompt.kind === "text") return byteLength(prompt.text) + TEMPLATE_TOKENS;
  let most = TEMPLATE_TOKENS;
  for (const message of prompt.messages) {
    if (Array.isArray(message.content) && message.content.some(({ type }) => type !== "text"))
      return Number.POSITIVE_INFINITY;
    most += byteLength(JSON.stringify(message)) + TEMPLATE_TOKENS;
  }
  return most;
}

/** Tokens that a prompt probably has. */
export function promptTokensLikely(request: GenerationRequest): number {
  const { prompt } = request;
  if (prompt.kind === "tokens") return prompt.tokens.length;
  const text = prompt.kind === "text" ? prompt.text : JSON.stringify(prompt.messages);
  return Math.ceil(byteLength(text) / BYTES_PER_TOKEN);
}

const byteLength = (text: string): number => encoder.encode(text).length;
