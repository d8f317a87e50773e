import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 25;
const WAIT_MS_MAX = 20_000;

/** Asks again until there is an answer other than null. */
export async function until<T>(
  what: string,
  ask: () => T | null | Promise<T | null>,
  wait_ms = WAIT_MS_MAX,
): Promise<T> {
  const giveUpAt = performance.now() + wait_ms;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (performance.now() > giveUpAt) throw new Error(`${what}: not within ${wait_ms} ms`);
    await delay(POLL_MS);
  }
}
