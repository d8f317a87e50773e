import type { Cleanup } from "./cleanup.ts";

/**
 * How a program that started others ends. The first call cleans up; a second one, from an impatient Ctrl-C, ends at
 * once and kills what still runs.
 */
export function createStop(cleanup: Cleanup): (code: number) => Promise<never> {
  let stopping = false;
  return async (code) => {
    if (stopping) process.exit(code);
    stopping = true;
    await cleanup.run().catch((error: unknown) => console.error(error));
    process.exit(code);
  };
}
