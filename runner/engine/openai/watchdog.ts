/** Calls `bite` unless it is fed within each while, until it is called off. */
export class Watchdog {
  readonly #bite: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(bite: () => void) {
    this.#bite = bite;
  }

  feed(next_ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#bite, next_ms);
  }

  callOff(): void {
    clearTimeout(this.#timer);
  }
}
