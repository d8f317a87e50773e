const realNow = Date.now;
let ahead_ms = 0;

/** What time it is for the metered edge: retention ends after days, and a measurement cannot wait for that. */
Date.now = () => realNow() + ahead_ms;

/** Runs `work` as if it were that much later. */
export async function later<T>(ms: number, work: () => Promise<T>): Promise<T> {
  ahead_ms = ms;
  try {
    return await work();
  } finally {
    ahead_ms = 0;
  }
}
