import type { Log } from "../work/runner-event.ts";

/** One JSON object a line, with the time it was written. */
export const createJsonLog =
  (write: (line: string) => void, now: () => Date): Log =>
  (event) =>
    write(`${JSON.stringify({ at: now().toISOString(), ...event })}\n`);
