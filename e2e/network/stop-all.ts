import { setTimeout as delay } from "node:timers/promises";
import type { Program } from "./program.ts";

const STOP_MS_MAX = 5_000;

/** Asks every program to stop, and kills those that have not after five seconds. */
export async function stopAll(programs: readonly Program[]): Promise<void> {
  await Promise.all(
    programs.map(async (program) => {
      const late = new AbortController();
      const stopped = program.stop().finally(() => late.abort());
      const timeout = delay(STOP_MS_MAX, undefined, { signal: late.signal }).then(
        () => program.kill(),
        () => undefined,
      );
      await Promise.race([stopped, timeout]);
    }),
  );
}
