import { readLogits } from "@infernet/protocol/llm/sampling/read-logits";
import type {
  Completion as CompletionRow,
  FinishReason,
  TokenLogprob,
  TokenPart,
} from "@infernet/schemas/llm/generation";
import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import type { Given } from "@infernet/schemas/llm/lease-generation";
import { BLOCK_TOKENS, type TokenBlock } from "@infernet/schemas/llm/token-block";
import { type Call, nextCall, nextScoreCall } from "./canonical-schedule.ts";
import { EvidenceLog } from "./evidence-log.ts";
import type { CompletionDecoder } from "./text/decode-completion.ts";
import type { ModelText } from "./text/open-text.ts";
import { tellLogprobs } from "./token-logprobs.ts";

export interface CompletionOptions {
  request: GenerationRequest;
  /** Tokens of the prompt, fewer than the model can take. */
  prompt: readonly number[];
  /** Tokens that stand already. */
  given: Given["tokens"];
  /** Whether the given tokens are only checked, or gone on from. */
  task: "generate" | "score";
  text: ModelText;
  /** Tokens of prompt and completion together. */
  context_tokens: number;
  /** Told of each position after the given ones. */
  onPart(part: TokenPart, block: TokenBlock | null): void;
}

/** A completion at work: what is known of it, what is to be computed next, and what follows from logits. */
export class Completion {
  readonly prompt: number;
  /** Of the prompt and of what follows on it. */
  readonly tokens: number[];
  /** Positions whose keys and values are computed. */
  computed = 0;
  /** Of the prompt's tokens, those that had been computed for an earlier request. */
  cached = 0;
  /** Time of its share of all calls it took part in. */
  compute_ms = 0;
  finish_reason: FinishReason | null = null;
  readonly #options: CompletionOptions;
  readonly #given: number;
  readonly #positions_max: number;
  readonly #decoder: CompletionDecoder;
  readonly #evidence = new EvidenceLog();
  readonly #logprobs: TokenLogprob[] = [];
  #text = "";

  constructor(options: CompletionOptions) {
    const { request, prompt, given, task, text, context_tokens } = options;
    this.#options = options;
    this.prompt = prompt.length;
    this.tokens = [...prompt, ...(given ?? [])];
    this.#given = given?.length ?? 0;
    this.#positions_max =
      task === "score" ? this.#given : Math.min(request.sampling.tokens_max, context_tokens - prompt.length);
    this.#decoder = text.decoder(request.sampling.stop, null);
  }

  /** Whether all of it is computed as every machine computes it: see `nextCall`. */
  get isCanonical(): boolean {
    return this.#options.task === "generate";
  }

  /** Null when it is finished. */
  next(): Call | null {
    if (this.finish_reason !== null) return null;
    const progress = { prompt: this.prompt, known: this.tokens.length, computed: this.computed };
    return this.#options.task === "score" ? nextScoreCall(progress) : nextCall(progress);
  }

  /**
   * Takes the logits that a call gave.
   *
   * @param logitsOf of the call's tokens, counted from 0
   */
  take({ from, count }: Call, logitsOf: (token: number) => Float32Array): void {
    this.computed = from + count;
    // The logits of the prompt's last token are those of the completion's first.
    for (let i = Math.max(0, this.prompt - 1 + this.#position - from); i < count; i++) {
      if (this.finish_reason === null) this.#place(logitsOf(i));
    }
  }

  row(): CompletionRow {
    const { request } = this.#options;
    const tokens = this.tokens.slice(this.prompt, this.prompt + this.#position);
    return {
      text: this.#text,
      tokens,
      finish_reason: this.finish_reason ?? "length",
      usage: {
        prompt_tokens: this.prompt,
        cached_tokens: this.cached,
        completion_tokens: tokens.length,
      },
      logprobs: request.top_logprobs === null ? null : this.#logprobs,
      evidence: {
        fingerprint: Buffer.from(this.#evidence.fingerprint()).toString("base64"),
        margins: this.#evidence.margins,
      },
    };
  }

  /** Positions of the completion that stand. */
  get #position(): number {
    return this.#evidence.margins.length;
  }

  #place(logits: Float32Array): void {
    const { request, text } = this.#options;
    const position = this.#position;
    const { sampling, top_logprobs } = request;
    const given = this.tokens[this.prompt + position];
    const reading = readLogits(logits, sampling, position, given ?? null);
    const token = given ?? reading.choice;
    this.#evidence.add(reading);
    if (given === undefined) this.tokens.push(token);
    const { text: added, stopped } = text.eos.has(token)
      ? { text: "", stopped: true }
      : this.#decoder.push(token);
    const isLast = position + 1 === this.#positions_max;
    if (stopped) this.finish_reason = "stop";
    else if (isLast) this.finish_reason = "length";
    const said = this.finish_reason === null ? added : added + this.#decoder.end();
    this.#text += said;
    const logprob =
      top_logprobs === null ? null : tellLogprobs(logits, reading, { token, count: top_logprobs, text });
    if (logprob) this.#logprobs.push(logprob);
    if (position >= this.#given) this.#options.onPart({ token, text: said, logprob }, this.#block());
  }

  /** The block that the latest position completes. */
  #block(): TokenBlock | null {
    const end = this.#position;
    if (end % BLOCK_TOKENS !== 0 && this.finish_reason === null) return null;
    const start = end - 1 - ((end - 1) % BLOCK_TOKENS);
    return {
      start,
      tokens: this.tokens.slice(this.prompt + start, this.prompt + end),
      fingerprint: this.#evidence.fingerprint(start, end),
      margins: this.#evidence.margins.slice(start, end),
    };
  }
}
