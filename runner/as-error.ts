/** What was thrown, as an error: libraries throw other things too. */
export const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
