/**
 * Calls at the earliest of the times that were asked for. A timer costs no row, as an alarm does; should the object be gone
 * from memory by then, its next alarm does the same work.
 */
export class StreamWatch {
  #timer: ReturnType<typeof setTimeout> | null = null;
  #due_ms = Number.POSITIVE_INFINITY;
  readonly #look: () => void;

  constructor(look: () => void) {
    this.#look = look;
  }

  by(unix_ms: number): void {
    if (unix_ms >= this.#due_ms) return;
    clearTimeout(this.#timer);
    this.#due_ms = unix_ms;
    this.#timer = setTimeout(
      () => {
        this.#due_ms = Number.POSITIVE_INFINITY;
        this.#look();
      },
      Math.max(0, unix_ms - Date.now()),
    );
  }
}
