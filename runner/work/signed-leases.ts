import type { Lease } from "@infernet/schemas/runner";

/** Leases remembered: days of work, and a few megabytes. */
const LEASES_MAX = 50_000;

/**
 * Leases that this process has signed an answer for. Two answers to one lease contradict each other and cost the bond, and
 * an engine need not give the same bytes twice, so a lease that comes again is not worked on again.
 */
export class SignedLeases {
  readonly #max: number;
  readonly #ids = new Set<Lease["id"]>();

  constructor(max = LEASES_MAX) {
    this.#max = max;
  }

  has(id: Lease["id"]): boolean {
    return this.#ids.has(id);
  }

  /** To be called before a signature is made. Throws Error when there is one for the lease. */
  claim(id: Lease["id"]): void {
    if (this.#ids.has(id)) throw new Error(`an answer to ${id} was signed before`);
    this.#ids.add(id);
    const [oldest] = this.#ids;
    if (this.#ids.size > this.#max && oldest !== undefined) this.#ids.delete(oldest);
  }
}
