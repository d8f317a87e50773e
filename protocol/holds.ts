const HOUR_MS = 3_600_000;

/**
 * Until when the pay for work in a job can be taken back, in Unix ms: at the full hour (UTC) after its hold, or for holds
 * under a day at a 24th of one. So what is held can be kept as one sum for each end, however many jobs there are.
 */
export function holdUntil(ended_ms: number, hold_ms: number): number {
  const step_ms = Math.min(HOUR_MS, Math.max(1, Math.floor(hold_ms / 24)));
  return Math.ceil((ended_ms + hold_ms) / step_ms) * step_ms;
}
