/**
 * How long something is in use: the time during which at least one piece of work is open, so overlapping work counts
 * once. An object is billed for that time.
 */
export class ActiveTime {
  #open = 0;
  #since_ms = 0;
  readonly #now: () => number;
  readonly #add: (ms: number) => void;

  constructor(now: () => number, add: (ms: number) => void) {
    this.#now = now;
    this.#add = add;
  }

  enter(): void {
    if (this.#open === 0) this.#since_ms = this.#now();
    this.#open += 1;
  }

  leave(): void {
    this.#open -= 1;
    if (this.#open === 0) this.#add(this.#now() - this.#since_ms);
  }
}
