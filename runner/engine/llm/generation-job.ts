import type { Generation, TokenPart } from "@infernet/schemas/llm/generation";
import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import type { Given } from "@infernet/schemas/llm/lease-generation";
import type { TokenBlock } from "@infernet/schemas/llm/token-block";
import type { GenerationRun } from "../engine.ts";
import type { RunMessage } from "./generation-message.ts";

/** Where a request is: not in the process, in it, or in it and wanted by nobody. */
type Place = "waiting" | "sent" | "dropped";

/** One request in the hands of a session. */
export class GenerationJob {
  readonly id: number;
  readonly timeout_ms: number;
  place: Place = "waiting";
  /** Times in a row, without a new position, that something outside has killed the process it was in. */
  kills = 0;
  /** It was in a process that crashed, with others: it is done alone, to see whose fault that was. */
  isSuspect = false;
  /** Ends its time, or the time it has to let go. */
  timer: NodeJS.Timeout | undefined;
  readonly #request: GenerationRequest;
  readonly #task: RunMessage["task"];
  #given: Given | null;
  readonly #onPart: ((part: TokenPart, block: TokenBlock | null) => void) | undefined;
  readonly #settle: (result: GenerationRun | Error) => void;

  constructor(options: {
    id: number;
    task: RunMessage["task"];
    request: GenerationRequest;
    given: Given | null;
    timeout_ms: number;
    onPart: ((part: TokenPart, block: TokenBlock | null) => void) | undefined;
    /** Called once. */
    settle(result: GenerationRun | Error): void;
  }) {
    this.id = options.id;
    this.timeout_ms = options.timeout_ms;
    this.#task = options.task;
    this.#request = options.request;
    this.#given = options.given;
    this.#onPart = options.onPart;
    this.#settle = options.settle;
  }

  /** What a process is told: to go on after the last position that came of it. */
  get message(): RunMessage {
    const given = this.#given && { ...this.#given, tokens: this.#given.tokens && [...this.#given.tokens] };
    return { kind: "run", run: this.id, task: this.#task, request: this.#request, given };
  }

  take(part: TokenPart, block: TokenBlock | null): void {
    if (this.place !== "sent") return;
    const { tokens, positions, text } = this.#given ?? { tokens: [], positions: 0, text: "" };
    // Added to in place: a copy for each position would take the longer, the more there are.
    if (part.token !== null) tokens?.push(part.token);
    this.#given = { tokens, positions: positions + 1, text: text + part.text };
    this.kills = 0;
    this.#onPart?.(part, block);
  }

  finish(generation: Generation, compute_ms: number): void {
    this.#end({ generation, compute_ms });
  }

  fail(reason: Error): void {
    this.#end(reason);
  }

  #end(result: GenerationRun | Error): void {
    clearTimeout(this.timer);
    if (this.place !== "dropped") this.#settle(result);
  }
}
