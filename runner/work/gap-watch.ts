import { LIMITS } from "@infernet/schemas/limits";

/** What passed between two looks at the clocks. */
export interface Elapsed {
  /** When the second look was due. */
  due_ms: number;
  /** By a clock that only goes forward, and that may stand still while the machine sleeps. */
  steady_ms: number;
  /** By the clock on the wall, which may be set. */
  wall_ms: number;
}

/**
 * For how long nothing was done that should have been: the machine slept, the process was stopped, or the clock was set;
 * 0 when it was not for long. Connections may be dead then, leases lost, and what was learned of the edge's clock is old.
 */
export function decideGap({ due_ms, steady_ms, wall_ms }: Elapsed, gap_ms_min: number): number {
  const stopped_ms = steady_ms - due_ms;
  const slept_ms = wall_ms - steady_ms;
  const gap_ms = Math.max(stopped_ms, Math.abs(slept_ms));
  return gap_ms >= gap_ms_min ? gap_ms : 0;
}

export interface GapWatchOptions {
  onGap(gap_ms: number): void;
  /** Ends the watch. */
  signal: AbortSignal;
  gap_ms_min?: number | undefined;
}

/** Tells when this process has stood still. */
export function watchGaps({ onGap, signal, gap_ms_min = LIMITS.runner_gap_ms_min }: GapWatchOptions): void {
  const every_ms = gap_ms_min / 4;
  let steady = performance.now();
  let wall = Date.now();
  const timer = setInterval(() => {
    const [steadyNow, wallNow] = [performance.now(), Date.now()];
    const elapsed = { due_ms: every_ms, steady_ms: steadyNow - steady, wall_ms: wallNow - wall };
    [steady, wall] = [steadyNow, wallNow];
    const gap_ms = decideGap(elapsed, gap_ms_min);
    if (gap_ms > 0) onGap(gap_ms);
  }, every_ms).unref();
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
}
