/** A point in time as RFC 3339 in UTC with milliseconds, from Unix milliseconds. */
export const renderInstant = (unix_ms: number): string => new Date(unix_ms).toISOString();

/** Unix milliseconds of an RFC 3339 time. */
export const parseInstant = (text: string): number => Date.parse(text);
