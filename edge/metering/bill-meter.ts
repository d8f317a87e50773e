/** What the platform bills, by kind and by who caused it, as in `rows_written` of `Aggregator`. */
export const BILLED = [
  "worker_requests",
  "object_requests",
  "object_active_ms",
  "rows_read",
  "rows_written",
  "alarms_set",
  "d1_rows_read",
  "d1_rows_written",
  "r2_class_a",
  "r2_class_b",
] as const;
export type Billed = (typeof BILLED)[number];

/** Adds up what was used since the last reading. */
export class BillMeter {
  #used = new Map<string, number>();

  add(kind: Billed, by: string, amount = 1): void {
    const key = `${kind} ${by}`;
    this.#used.set(key, (this.#used.get(key) ?? 0) + amount);
  }

  /** Amounts by `kind by`, in no order; starts again from zero. */
  take(): Record<string, number> {
    const used = Object.fromEntries(this.#used);
    this.#used = new Map();
    return used;
  }
}
