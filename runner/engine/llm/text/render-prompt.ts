import { Template } from "@huggingface/jinja";
import type { ChatMessage, Prompt } from "@infernet/schemas/llm/generation-request";
import type { TokenizerFiles } from "./read-tokenizer.ts";
import { RefusedRequest } from "./refused-request.ts";

/** The tokens of a prompt. Throws `RefusedRequest`. */
export type PromptRenderer = (prompt: Prompt) => number[];

export interface PromptBounds {
  /** Tokens that the model knows: ids are below. */
  vocabulary: number;
  /** Tokens of prompt and completion together. */
  context_tokens: number;
}

/** Characters for each token of the context that are read without a look whether the text is far too long. */
const CHARACTERS_PER_TOKEN = 8;

/** Tokens that the beginning of a text may have more than the same part of the whole, because it is cut. */
const CUT_TOKENS = 256;

export function promptRenderer(
  files: TokenizerFiles,
  { vocabulary, context_tokens }: PromptBounds,
): PromptRenderer {
  const template = readTemplate(files.chat_template);
  return (prompt) => assertKnown(tokensOf(prompt), vocabulary);

  function tokensOf(prompt: Prompt): number[] {
    switch (prompt.kind) {
      case "chat":
        return encode(renderChat(prompt.messages), false);
      case "text":
        return encode(prompt.text, true);
      case "tokens":
        return prompt.tokens;
      default:
        return prompt satisfies never;
    }
  }

  function renderChat(messages: readonly ChatMessage[]): string {
    if (!(template instanceof Template)) throw template;
    try {
      return template.render({
        ...Object.fromEntries(files.special),
        messages: messages.map(plainMessage),
        add_generation_prompt: true,
      });
    } catch (error) {
      if (error instanceof RefusedRequest) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw new RefusedRequest(
        "request_invalid",
        `The model's chat template does not take these messages: ${why}`,
      );
    }
  }

  /** @param adds whether the tokenizer adds what a text begins with, which a template does itself */
  function encode(text: string, adds: boolean): number[] {
    assertReadable(text);
    if (text !== "") return files.tokenizer.encode(text, { add_special_tokens: adds }).ids;
    const first = files.tokenizer.token_to_id(files.special.get("bos_token") ?? "");
    return first === undefined ? [] : [first];
  }

  /** Refuses what is far too long by its beginning, for other completions wait while a text is read. */
  function assertReadable(text: string): void {
    for (let size = CHARACTERS_PER_TOKEN * context_tokens; size < text.length; size *= 2) {
      const tokens = files.tokenizer.encode(text.slice(0, size)).ids.length;
      if (tokens <= context_tokens + CUT_TOKENS) continue;
      throw new RefusedRequest(
        "context_too_long",
        `The prompt has more than ${context_tokens} tokens, which is what the model takes of prompt and completion together.`,
      );
    }
  }
}

/** Or why there is none: a model without one still completes text. */
/**
 * Takes the clock away from a template: whoever goes on with a completion or checks it, on another day and elsewhere, must
 * read the same prompt. Templates that ask for the date ask first whether there is one. A line break after a statement is
 * taken for its own, so one that the template begins with is written twice.
 */
const withoutClock = (source: string): string =>
  `{% set strftime_now = no_clock %}${source.startsWith("\n") ? "\n" : ""}${source}`;

function readTemplate(source: string | null): Template | RefusedRequest {
  const refused = (why: string) =>
    new RefusedRequest(
      "request_unsupported",
      `The model ${why}: it completes text alone (\`POST /v1/completions\`).`,
    );
  if (source === null) return refused("has no chat template");
  try {
    return new Template(withoutClock(source));
  } catch (error) {
    return refused(
      `has a chat template that cannot be read (${error instanceof Error ? error.message : error})`,
    );
  }
}

/** A message as templates know it: its content one text. */
function plainMessage(message: ChatMessage): Record<string, unknown> {
  const { role, content } = message;
  return { ...message, role: role === "developer" ? "system" : role, content: textOf(content) };
}

function textOf(content: ChatMessage["content"]): string {
  if (typeof content === "string") return content;
  return (content ?? [])
    .map((part) => {
      if (part.type === "text" && typeof part.text === "string") return part.text;
      throw new RefusedRequest(
        "request_unsupported",
        `The model takes text alone; a message has a part of type '${part.type}'.`,
      );
    })
    .join("");
}

function assertKnown(tokens: number[], vocabulary: number): number[] {
  if (tokens.length === 0) throw new RefusedRequest("request_invalid", "The prompt has no tokens.");
  // A tokenizer without a token for what it does not know gives none there.
  const unknown = tokens.findIndex((token) => !(token < vocabulary));
  if (unknown < 0) return tokens;
  throw new RefusedRequest(
    "request_invalid",
    tokens[unknown] === undefined
      ? "The prompt has text that the model has no tokens for."
      : `The prompt's token ${unknown} is ${tokens[unknown]}; the model knows ids below ${vocabulary}.`,
  );
}
