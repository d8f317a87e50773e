import type { TokenLogprob } from "@infernet/schemas/llm/generation";
import type { StreamRecord } from "../aggregator/stream-records.ts";
import { type Answer, addRecord, isAnswered } from "./answer.ts";
import { type AnswerHead, type HeadMembers, headOf } from "./answer-head.ts";
import { type JobNote, renderJobNote } from "./render-job-note.ts";
import { type OpenaiUsage, renderUsage } from "./render-usage.ts";

interface ChunkChoice {
  index: number;
  delta: Record<string, unknown>;
  logprobs: { content: TokenLogprob[]; refusal: null } | null;
  finish_reason: string | null;
}

/** One `chat.completion.chunk` of OpenAI's API. */
export interface ChatChunk extends HeadMembers {
  object: "chat.completion.chunk";
  choices: ChunkChoice[];
  usage?: OpenaiUsage | null;
  infernet?: JobNote | { restarted: number };
}

/** Turns what comes of a job into the chunks of a chat completion: for each choice its role, its text, its end. */
export class ChatStream {
  readonly #head: AnswerHead;
  readonly #answer: Answer;
  readonly #withUsage: boolean;
  readonly #begun = new Set<number>();

  constructor(head: AnswerHead, answer: Answer, withUsage: boolean) {
    this.#head = head;
    this.#answer = answer;
    this.#withUsage = withUsage;
  }

  /** The chunks that a record comes to; throws what the request came to if that is no answer. */
  render(record: StreamRecord): ChatChunk[] {
    addRecord(this.#answer, record);
    switch (record.kind) {
      case "parts": {
        const { shard, parts } = record;
        const logprobs = parts.flatMap(({ logprob }) => (logprob === null ? [] : [logprob]));
        const text = parts.map((part) => part.text).join("");
        const deltas = parts.flatMap(({ delta }) => (delta === undefined ? [] : [delta]));
        return [
          ...this.#begin(shard),
          ...(text === "" && logprobs.length === 0 ? [] : [this.#chunk(shard, { content: text }, logprobs)]),
          ...deltas.map((delta) => this.#chunk(shard, delta)),
        ];
      }
      case "restart":
        this.#begun.delete(record.shard);
        return [{ ...this.#chunk(record.shard, {}), infernet: { restarted: record.shard } }];
      case "finished":
        return [
          ...this.#begin(record.shard),
          ...(record.rest === "" ? [] : [this.#chunk(record.shard, { content: record.rest })]),
          ...this.#finish(record),
        ];
      default:
        return [];
    }
  }

  #begin(index: number): ChatChunk[] {
    if (this.#begun.has(index)) return [];
    this.#begun.add(index);
    return [this.#chunk(index, { role: "assistant", content: "", refusal: null })];
  }

  #finish({ shard, finish_reason }: Extract<StreamRecord, { kind: "finished" }>): ChatChunk[] {
    const last = { ...this.#chunk(shard, {}, [], finish_reason) };
    if (!isAnswered(this.#answer)) return [last];
    const note = renderJobNote(this.#head.job, this.#head.seed, this.#answer);
    if (!this.#withUsage) return [{ ...last, infernet: note }];
    const usage = renderUsage(this.#answer, this.#head.choices);
    return [last, { ...this.#base(), choices: [], usage, infernet: note }];
  }

  #chunk(
    index: number,
    delta: Record<string, unknown>,
    logprobs: TokenLogprob[] = [],
    finish_reason: string | null = null,
  ): ChatChunk {
    const told = this.#head.logprobs && logprobs.length > 0 ? { content: logprobs, refusal: null } : null;
    return { ...this.#base(), choices: [{ index, delta, logprobs: told, finish_reason }] };
  }

  #base(): ChatChunk {
    const head = { ...headOf(this.#head, "chatcmpl"), object: "chat.completion.chunk" as const, choices: [] };
    return this.#withUsage ? { ...head, usage: null } : head;
  }
}
