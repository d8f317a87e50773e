/** A map that forgets: entries over an age, and the oldest ones beyond a number. For what an isolate may remember. */
export class BoundedCache<Key, Value> {
  readonly #entries = new Map<Key, { value: Value; stored_ms: number }>();
  readonly #entries_max: number;
  readonly #age_ms_max: number;

  constructor(limits: { entries_max: number; age_ms_max: number }) {
    this.#entries_max = limits.entries_max;
    this.#age_ms_max = limits.age_ms_max;
  }

  get(key: Key, now_ms: number): Value | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (now_ms - entry.stored_ms <= this.#age_ms_max) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  set(key: Key, value: Value, now_ms: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, stored_ms: now_ms });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#entries_max) return;
      this.#entries.delete(oldest);
    }
  }
}
