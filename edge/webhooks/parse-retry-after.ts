/** `Retry-After` (RFC 9110 section 10.2.3), seconds or a date, as a pause in milliseconds; null when it says nothing. */
export function parseRetryAfter(header: string | null, now_ms: number): number | null {
  const text = header?.trim() ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const at_ms = Date.parse(text);
  return Number.isNaN(at_ms) ? null : Math.max(0, at_ms - now_ms);
}
