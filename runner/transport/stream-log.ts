import type { ExecutionClass } from "@infernet/schemas/execution-class";
import type { TokenPart } from "@infernet/schemas/llm/generation";
import type { StreamDelta } from "@infernet/schemas/llm/stream-message";
import type { SignedBlock } from "@infernet/schemas/llm/token-block";
import type { Lease } from "@infernet/schemas/runner";

interface Made {
  part: TokenPart;
  block: SignedBlock | null;
}

/** What was made under one lease and is not kept by the edge yet, with how much of it has been sent on this connection. */
export class StreamLog {
  execution_class: ExecutionClass | null = null;
  readonly #lease: Pick<Lease, "id" | "job_id" | "shard">;
  /** Positions from `#first` on. */
  readonly #made: Made[] = [];
  #first: number;
  #next: number;

  /** @param start positions that were given with the lease */
  constructor(lease: Pick<Lease, "id" | "job_id" | "shard">, start: number) {
    this.#lease = lease;
    this.#first = start;
    this.#next = start;
  }

  get #end(): number {
    return this.#first + this.#made.length;
  }

  /** Positions that are not sent. */
  get behind(): number {
    return this.#end - this.#next;
  }

  add(part: TokenPart, block: SignedBlock | null): void {
    this.#made.push({ part, block });
  }

  /** The next positions, at most so many, which are sent from now on; none is a sign of life. */
  take(parts_max: number): StreamDelta {
    const start = this.#next;
    const from = start - this.#first;
    const taken = this.#made.slice(from, from + parts_max);
    this.#next += taken.length;
    const { id: lease_id, job_id, shard } = this.#lease;
    const { execution_class } = this;
    const parts = taken.map(({ part }) => part);
    const blocks = taken.flatMap(({ block }) => block ?? []);
    return { lease_id, job_id, shard, start, execution_class, parts, blocks };
  }

  /** The edge has these for good: they are let go. */
  keep(positions: number): void {
    const kept = Math.min(Math.max(0, positions - this.#first), this.#made.length);
    this.#made.splice(0, kept);
    this.#first += kept;
    this.#next = Math.max(this.#next, this.#first);
  }

  /**
   * Sends anew from this position, or from the first that is not kept. What was let go cannot be sent again: the edge said that
   * it has it, and the answer to the lease holds all of it.
   */
  rewind(from = this.#first): void {
    this.#next = Math.min(Math.max(from, this.#first), this.#end);
  }
}
