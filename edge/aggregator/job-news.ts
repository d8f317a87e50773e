import type { JobId } from "@infernet/schemas/ids";

/** Calls those who wait for a job to change. */
export class JobNews {
  readonly #waiting = new Map<JobId, Set<() => void>>();

  announce(job: JobId): void {
    const waiting = this.#waiting.get(job);
    this.#waiting.delete(job);
    for (const call of waiting ?? []) call();
  }

  /** Resolves at the job's next change, or after `wait_ms`. */
  next(job: JobId, wait_ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = this.#waiting.get(job) ?? new Set();
    this.#waiting.set(job, waiting);
    const call = (): void => {
      clearTimeout(timer);
      waiting.delete(call);
      if (waiting.size === 0 && this.#waiting.get(job) === waiting) this.#waiting.delete(job);
      resolve();
    };
    const timer = setTimeout(call, wait_ms);
    waiting.add(call);
    return promise;
  }
}
