import { LIMITS } from "@infernet/schemas/limits";
import type { Completion, FinishReason, TokenLogprob, TokenPart } from "@infernet/schemas/llm/generation";
import type { Given } from "@infernet/schemas/llm/lease-generation";
import { ServerUnusable } from "./ask-server.ts";
import type { Chunk } from "./chunk.ts";
import { countTokens, type TokenBounds } from "./count-tokens.ts";
import { mergeDelta, withoutIndexes } from "./merge-delta.ts";
import { partsOfChoice } from "./parts-of-choice.ts";

export interface CompletionContext extends TokenBounds {
  /** The server's name of the model. */
  model: string;
  given: Given | null;
  tokens_max: number;
  onPart(part: TokenPart): void;
}

const FINISH: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  length: "length",
  tool_calls: "tool_calls",
  function_call: "tool_calls",
  content_filter: "content_filter",
};

const LIE = "it answers with another model than the one it was asked for";

/** A completion as it comes in, event by event. It throws `ServerUnusable` for what is none, or is another model's. */
export class IncomingCompletion {
  readonly #context: CompletionContext;
  #text: string;
  #positions: number;
  #logprobs: TokenLogprob[] = [];
  #message: Record<string, unknown> = {};
  #usage: Chunk["usage"] = null;
  #finish: FinishReason | null = null;
  #isNamed = false;
  #isLie = false;

  constructor(context: CompletionContext) {
    this.#context = context;
    this.#text = context.given?.text ?? "";
    this.#positions = context.given?.positions ?? 0;
  }

  /** Whether anything was delivered. */
  get isBegun(): boolean {
    return this.#positions > (this.#context.given?.positions ?? 0);
  }

  get isFinished(): boolean {
    return this.#finish !== null;
  }

  /** Whether nothing more is wanted: it has ended and been counted. */
  get isComplete(): boolean {
    return this.#finish !== null && this.#usage !== null;
  }

  take({ model, choices = [], usage }: Chunk): void {
    this.#checkModel(model);
    if (usage) this.#usage = usage;
    for (const choice of choices) {
      for (const part of partsOfChoice(choice)) this.#add(part);
      if (choice.finish_reason) this.#end(choice.finish_reason);
    }
  }

  /** What it came to, and what was odd about how it was counted. Throws `ServerUnusable` when it has not ended. */
  finish(): { completion: Completion; note: string | null } {
    const { given } = this.#context;
    if (this.#isLie) throw new ServerUnusable(LIE);
    if (this.#finish === null) throw new ServerUnusable("its stream ended in the middle");
    if (!this.#isNamed) throw new ServerUnusable("its stream does not name the model");
    const before = given?.positions ?? 0;
    const { usage, note } = countTokens(this.#positions - before, this.#usage, before, this.#context);
    const message = withoutIndexes(this.#message);
    return {
      completion: {
        text: this.#text,
        tokens: null,
        finish_reason: this.#finish,
        usage,
        // Those of what was given are not known here, and a list of the rest would be taken for the whole.
        logprobs: this.#logprobs.length > 0 && given === null ? this.#logprobs : null,
        ...(Object.keys(message).length > 0 ? { message } : {}),
        evidence: null,
      },
      note,
    };
  }

  #checkModel(model: string | undefined): void {
    if (model === undefined || model === "") return;
    this.#isLie ||= model !== this.#context.model;
    if (this.#isLie) throw new ServerUnusable(LIE);
    this.#isNamed = true;
  }

  #add(part: TokenPart): void {
    if (this.#finish !== null) return;
    if (this.#positions >= this.#context.tokens_max) {
      // It was told how many it may make. What goes beyond is neither delivered nor paid.
      this.#finish = "length";
      return;
    }
    this.#text += part.text;
    if (this.#text.length > LIMITS.completion_chars_max)
      throw new ServerUnusable(`its completion has more than ${LIMITS.completion_chars_max} characters`);
    this.#positions += 1;
    if (part.logprob !== null) this.#logprobs.push(part.logprob);
    if (part.delta !== undefined) this.#message = mergeDelta(this.#message, part.delta);
    this.#context.onPart(part);
  }

  #end(reason: string): void {
    const known = FINISH[reason];
    if (known === undefined) throw new ServerUnusable("it gave the completion up");
    this.#finish ??= known;
  }
}
