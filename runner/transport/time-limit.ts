/** A signal that aborts when its time is over, unless it is lifted before. */
export interface TimeLimit {
  readonly signal: AbortSignal;
  lift(): void;
}

/** Unlike `AbortSignal.timeout`, it leaves no timer behind when what it was for is done early, as most requests are. */
export function startTimeLimit(limit_ms: number): TimeLimit {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), limit_ms).unref();
  return { signal: control.signal, lift: () => clearTimeout(timer) };
}
