import { setTimeout as sleep } from "node:timers/promises";

/** Resolves when `done` does, or after `ms` milliseconds, and leaves no timer behind. */
export async function within(ms: number, done: Promise<void>): Promise<void> {
  const timer = new AbortController();
  await Promise.race([done, sleep(ms, undefined, { signal: timer.signal }).catch(() => undefined)]);
  timer.abort();
}
