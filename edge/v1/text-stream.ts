import type { TokenLogprob } from "@infernet/schemas/llm/generation";
import type { StreamRecord } from "../aggregator/stream-records.ts";
import { type Answer, addRecord, isAnswered } from "./answer.ts";
import { type AnswerHead, type HeadMembers, headOf } from "./answer-head.ts";
import { type JobNote, renderJobNote } from "./render-job-note.ts";
import { type OpenaiUsage, renderUsage } from "./render-usage.ts";
import { renderTextLogprobs, type TextLogprobs } from "./text-completion.ts";

/** One part of a streamed `text_completion` of OpenAI's API. */
export interface TextChunk extends HeadMembers {
  object: "text_completion";
  choices: { index: number; text: string; logprobs: TextLogprobs | null; finish_reason: string | null }[];
  usage?: OpenaiUsage | null;
  infernet?: JobNote | { restarted: number };
}

/** Turns what comes of a job into the parts of a text completion. */
export class TextStream {
  readonly #head: AnswerHead;
  readonly #answer: Answer;
  readonly #withUsage: boolean;
  /** Where the next token of each choice begins. */
  readonly #offsets = new Map<number, number>();

  constructor(head: AnswerHead, answer: Answer, withUsage: boolean) {
    this.#head = head;
    this.#answer = answer;
    this.#withUsage = withUsage;
  }

  /** The chunks that a record comes to; throws what the request came to if that is no answer. */
  render(record: StreamRecord): TextChunk[] {
    addRecord(this.#answer, record);
    switch (record.kind) {
      case "parts": {
        const logprobs = record.parts.flatMap(({ logprob }) => (logprob === null ? [] : [logprob]));
        const text = record.parts.map((part) => part.text).join("");
        return text === "" && logprobs.length === 0 ? [] : [this.#chunk(record.shard, text, logprobs)];
      }
      case "restart":
        this.#offsets.delete(record.shard);
        return [{ ...this.#chunk(record.shard, ""), infernet: { restarted: record.shard } }];
      case "finished":
        return this.#finish(record);
      default:
        return [];
    }
  }

  #finish({ shard, rest, finish_reason }: Extract<StreamRecord, { kind: "finished" }>): TextChunk[] {
    const last = this.#chunk(shard, rest, [], finish_reason);
    if (!isAnswered(this.#answer)) return [last];
    const note = renderJobNote(this.#head.job, this.#head.seed, this.#answer);
    if (!this.#withUsage) return [{ ...last, infernet: note }];
    const usage = renderUsage(this.#answer, this.#head.choices);
    return [last, { ...this.#base(), usage, infernet: note }];
  }

  #chunk(
    index: number,
    text: string,
    logprobs: TokenLogprob[] = [],
    finish_reason: string | null = null,
  ): TextChunk {
    const told = this.#head.logprobs && logprobs.length > 0 ? this.#tell(index, logprobs) : null;
    return { ...this.#base(), choices: [{ index, text, logprobs: told, finish_reason }] };
  }

  #tell(index: number, logprobs: TokenLogprob[]): TextLogprobs {
    const offset = this.#offsets.get(index) ?? 0;
    const length = logprobs.reduce((sum, { token }) => sum + token.length, 0);
    this.#offsets.set(index, offset + length);
    return renderTextLogprobs(logprobs, offset);
  }

  #base(): TextChunk {
    const head = { ...headOf(this.#head, "cmpl"), object: "text_completion" as const, choices: [] };
    return this.#withUsage ? { ...head, usage: null } : head;
  }
}
