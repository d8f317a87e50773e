import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import { scoredUnits, tokenUnits } from "@infernet/schemas/llm/token-units";

/** What a chat template may add for itself, a system prompt of its own included, and for each message. */
const TEMPLATE_TOKENS = 64;
const MESSAGE_TOKENS = 16;
/** Marks of beginning and end around a text. */
const TEXT_TOKENS = 2;
/** How often templates write tools more widely than they came. */
const TOOLS_WIDENED = 2;

const utf8 = new TextEncoder();
const bytesOf = (value: unknown): number =>
  utf8.encode(typeof value === "string" ? value : (JSON.stringify(value) ?? "")).length;

/**
 * Tokens that a prompt has at most: no tokenizer makes more than one of a byte, so bytes bound what only the model's own
 * tokenizer could count.
 */
export function promptTokensMax({ prompt, tools }: GenerationRequest): number {
  switch (prompt.kind) {
    case "tokens":
      return prompt.tokens.length;
    case "text":
      return bytesOf(prompt.text) + TEXT_TOKENS;
    case "chat": {
      const messages = prompt.messages.map(({ role: _, content, ...others }) => {
        const said = content === null || content === undefined ? 0 : bytesOf(content);
        return MESSAGE_TOKENS + said + (Object.keys(others).length === 0 ? 0 : bytesOf(others));
      });
      const toolBytes = tools === undefined ? 0 : TOOLS_WIDENED * bytesOf(tools);
      return TEMPLATE_TOKENS + toolBytes + messages.reduce((sum, tokens) => sum + tokens, 0);
    }
    default:
      return prompt satisfies never;
  }
}

/** What one row can come to in the price, in units of tokens. */
export interface RowUnits {
  /** For making it. */
  made: number;
  /** For checking it once. */
  checked: number;
}

/**
 * The most that a completion can cost: as long as it may be, after as long a prompt as the model then still takes. Tokens of
 * a completion weigh more than those of a prompt, so no other division of the context costs more.
 */
export function rowUnitsMax(request: GenerationRequest, context_tokens: number): RowUnits {
  const completion_tokens = Math.min(request.sampling.tokens_max, context_tokens);
  const prompt_tokens = Math.min(promptTokensMax(request), context_tokens - completion_tokens);
  const usage = { prompt_tokens, completion_tokens, cached_tokens: 0 };
  return { made: tokenUnits(usage), checked: scoredUnits(usage) };
}
