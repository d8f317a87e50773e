import { LIMITS } from "@infernet/schemas/limits";

/** The longest time that a timer of Node's takes. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** When the objects of one class want to be woken, by their names. What it knows is in their files too. */
export class AlarmClock {
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #failures = new Map<string, number>();
  /** Alarms that are being answered; true: another has gone off meanwhile. */
  readonly #ringing = new Map<string, boolean>();
  readonly #ring: (name: string) => Promise<void>;
  readonly #logFailure: (error: unknown) => void;
  #isStopped = false;

  /** @param ring answers an alarm; when that fails it is rung again, later and later */
  constructor(ring: (name: string) => Promise<void>, logFailure: (error: unknown) => void) {
    this.#ring = ring;
    this.#logFailure = logFailure;
  }

  /** @param unix_ms null: not at all */
  set(name: string, unix_ms: number | null): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
    if (unix_ms === null || this.#isStopped) return;
    const wait_ms = Math.min(TIMER_MS_MAX, Math.max(0, unix_ms - Date.now()));
    this.#timers.set(
      name,
      setTimeout(() => (Date.now() < unix_ms ? this.set(name, unix_ms) : void this.#go(name)), wait_ms),
    );
  }

  /** Whether an alarm is set. */
  has(name: string): boolean {
    return this.#timers.has(name);
  }

  /** No alarm goes off any more. */
  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  async #go(name: string): Promise<void> {
    this.#timers.delete(name);
    // An object answers one alarm at a time.
    if (this.#ringing.has(name)) return void this.#ringing.set(name, true);
    this.#ringing.set(name, false);
    try {
      await this.#ring(name);
      this.#failures.delete(name);
    } catch (error) {
      this.#logFailure(error);
      const failures = this.#failures.get(name) ?? 0;
      this.#failures.set(name, failures + 1);
      const pause_ms = Math.min(
        LIMITS.aggregate_alarm_retry_ms_max,
        LIMITS.aggregate_alarm_retry_ms_first * 2 ** failures,
      );
      // Another that was set while this one was answered takes its place.
      if (!this.#timers.has(name)) this.set(name, Date.now() + pause_ms);
    } finally {
      const isDue = this.#ringing.get(name) === true;
      this.#ringing.delete(name);
      if (isDue) this.set(name, Date.now());
    }
  }
}
