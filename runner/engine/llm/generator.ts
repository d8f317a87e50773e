import { LIMITS } from "@infernet/schemas/limits";
import type { Generation } from "@infernet/schemas/llm/generation";
import type * as ort from "onnxruntime-node";
import { EngineFailure } from "../engine-failure.ts";
import { Completion } from "./completion.ts";
import { ContinuousBatch } from "./continuous-batch.ts";
import { Decoder } from "./decoder.ts";
import { tokenBytes } from "./decoder-layout.ts";
import type { Round, RunMessage } from "./generation-message.ts";
import type { LoadMessage } from "./load-message.ts";
import { planCompletion } from "./plan-completion.ts";
import { standsGaps } from "./stands-gaps.ts";
import { type ModelText, openText } from "./text/open-text.ts";
import { RefusedRequest } from "./text/refused-request.ts";

/** A model that generates text, and the requests that it works on. */
export class Generator {
  readonly precision: string;
  readonly at_once_max: number;
  readonly #decoder: Decoder;
  readonly #text: ModelText;
  readonly #context_tokens: number;
  readonly #batch: ContinuousBatch;
  readonly #runs = new Map<number, Completion>();
  readonly #numbers = new Map<Completion, number>();
  readonly #canceled: number[] = [];
  #round: Round = emptyRound();

  private constructor(
    decoder: Decoder,
    text: ModelText,
    { context_tokens, cache_bytes_max, sharesCalls }: LoadMessage & { sharesCalls: boolean },
  ) {
    this.#decoder = decoder;
    this.#text = text;
    this.#context_tokens = context_tokens;
    this.precision = decoder.precision;
    const atOnce = Math.floor(cache_bytes_max / (context_tokens * tokenBytes(decoder.layout)));
    this.at_once_max = Math.min(LIMITS.generations_at_once_max, Math.max(1, atOnce));
    this.#batch = new ContinuousBatch({
      decoder,
      sharesCalls,
      prefix_bytes_max: cache_bytes_max,
      onEnd: (completion) => this.#finish(completion, completion.row()),
      onFailure: (completion, reason) => this.#fail(completion, reason),
    });
  }

  /** @throws EngineFailure */
  static async open(runtime: typeof ort, message: LoadMessage): Promise<Generator> {
    const text = await openText(message.dir, message.context_tokens);
    const decoder = await Decoder.open(runtime, message);
    return new Generator(decoder, text, { ...message, sharesCalls: await standsGaps(decoder) });
  }

  /** Whether another round has anything to do or to tell. */
  get isIdle(): boolean {
    return this.#batch.isIdle && this.#canceled.length === 0 && isEmpty(this.#round);
  }

  add(message: RunMessage): void {
    const { run, task, request } = message;
    try {
      const plan = planCompletion(message, {
        text: this.#text,
        context_tokens: this.#context_tokens,
        vocabulary: this.#decoder.layout.vocabulary,
      });
      const completion = new Completion({
        ...plan,
        ...{ request, task, text: this.#text, context_tokens: this.#context_tokens },
        onPart: (part, block) => this.#round.parts.push({ run, part, block }),
      });
      // Somebody says that the request cannot be answered. That it can is all there is to tell.
      if (task === "score" && !plan.given?.length) {
        this.#round.done.push({ run, generation: completion.row(), compute_ms: 0 });
        return;
      }
      this.#runs.set(run, completion);
      this.#numbers.set(completion, run);
      this.#batch.add(completion);
    } catch (error) {
      if (error instanceof RefusedRequest)
        this.#round.done.push({ run, generation: { error: error.error }, compute_ms: 0 });
      else this.#round.failed.push({ run, ...failureOf(error) });
    }
  }

  /** Takes effect before the next round. */
  cancel(run: number): void {
    this.#canceled.push(run);
  }

  /** Everything that came of the round. */
  async round(): Promise<Round> {
    for (const run of this.#canceled.splice(0)) {
      const completion = this.#runs.get(run);
      if (completion) this.#batch.remove(completion);
      this.#forget(run);
      this.#round.canceled.push(run);
    }
    await this.#batch.round();
    const round = this.#round;
    this.#round = emptyRound();
    return round;
  }

  #finish(completion: Completion, generation: Generation): void {
    const run = this.#numbers.get(completion);
    if (run === undefined) return;
    this.#round.done.push({ run, generation, compute_ms: completion.compute_ms });
    this.#forget(run);
  }

  #fail(completion: Completion, reason: unknown): void {
    const run = this.#numbers.get(completion);
    if (run === undefined) return;
    this.#round.failed.push({ run, ...failureOf(reason) });
    this.#forget(run);
  }

  #forget(run: number): void {
    const completion = this.#runs.get(run);
    if (completion) this.#numbers.delete(completion);
    this.#runs.delete(run);
  }
}

const emptyRound = (): Round => ({ kind: "round", parts: [], done: [], failed: [], canceled: [] });

export const isEmpty = ({ parts, done, failed, canceled }: Round): boolean =>
  parts.length + done.length + failed.length + canceled.length === 0;

export function failureOf(error: unknown): { code: EngineFailure["code"]; detail: string } {
  if (error instanceof EngineFailure) return { code: error.code, detail: error.message };
  return { code: "engine_error", detail: String(error) };
}
