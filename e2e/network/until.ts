import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 25;
const WAIT_MS_MAX = 20_000;

/** Asks again until there is an answer other than null. */
export async function until<T>(what: string, ask: () => T | null | Promise<T | null>): Promise<T> {
  const giveUpAt = performance.now() + WAIT_MS_MAX;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (performance.now() > giveUpAt) throw new Error(`${what}: not within ${WAIT_MS_MAX} ms`);
    await delay(POLL_MS);
  }
}
