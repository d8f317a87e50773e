import type { ExecutionClass } from "@infernet/schemas/execution-class";
import type { LeaseId, RunnerId } from "@infernet/schemas/ids";
import type { TokenPart } from "@infernet/schemas/llm/generation";
import type { Given } from "@infernet/schemas/llm/lease-generation";

/** Positions in a row that one runner delivered under one lease. */
export interface Maker {
  runner: RunnerId;
  lease_id: LeaseId;
  execution_class: ExecutionClass;
  start: number;
  positions: number;
}

/**
 * One completion as far as it was delivered, with who made what. Like `GrantLog` it only grows, until it begins anew: what
 * was read of it stays as it was, and any number of readers follow it with a position each.
 */
export class ShardStream {
  /** Times that it has begun anew. */
  readonly epoch: number;
  readonly #parts: TokenPart[] = [];
  readonly #makers: Maker[] = [];
  #text = "";
  /** Positions that are stored. */
  kept = 0;

  constructor(epoch: number) {
    this.epoch = epoch;
  }

  get positions(): number {
    return this.#parts.length;
  }

  get text(): string {
    return this.#text;
  }

  get parts(): readonly TokenPart[] {
    return this.#parts;
  }

  /** In the order of their positions, which follow on each other without a gap. */
  get makers(): readonly Maker[] {
    return this.#makers;
  }

  append(parts: readonly TokenPart[], by: Omit<Maker, "start" | "positions">): void {
    if (parts.length === 0) return;
    const last = this.#makers.at(-1);
    if (last?.lease_id === by.lease_id) last.positions += parts.length;
    else this.#makers.push({ ...by, start: this.positions, positions: parts.length });
    for (const part of parts) {
      this.#parts.push(part);
      this.#text += part.text;
    }
  }

  /** What whoever goes on is given; null where nothing was delivered. */
  given(): Given | null {
    if (this.positions === 0) return null;
    const tokens = tokensOf(this.#parts);
    return { tokens, positions: this.positions, text: this.#text };
  }
}

/** The tokens of parts; null where the engine does not say. */
export function tokensOf(parts: readonly TokenPart[]): number[] | null {
  const tokens: number[] = [];
  for (const { token } of parts) {
    if (token === null) return null;
    tokens.push(token);
  }
  return tokens;
}

/** Engine, version and execution provider of a class: what a machine must bring to go on exactly. */
export const machineClass = (execution_class: ExecutionClass): string =>
  execution_class.split("/").slice(0, 3).join("/");

/**
 * How a completion of several makers was gone on with; null where there is one. Servers of the engine `openai` go on from the
 * text alone: of whatever one class they are, none promises the tokens that the first would have made.
 */
export function continuedHow(classes: readonly ExecutionClass[]): "exact" | "best_effort" | null {
  if (classes.length < 2) return null;
  const isOneClass = new Set(classes).size === 1;
  return isOneClass && !classes.some((one) => one.startsWith("openai/")) ? "exact" : "best_effort";
}
