import type { PauseReason } from "./pause-control.ts";
import { findPeriod, type LocalTime, type Period } from "./schedule.ts";

/** What the owner asked for; all off by default. */
export interface PauseRules {
  when_busy: boolean;
  busy_cpu_share: number;
  busy_gpu_share: number;
  schedule: readonly Period[];
  on_battery: boolean;
}

/** What the machine says now; null where it does not. */
export interface Readings {
  now: LocalTime;
  /** Use of all cores by programs other than this one, 0 to 1. */
  others_cpu_share: number | null;
  /** Use of the GPU by others, 0 to 1. */
  others_gpu_share: number | null;
  on_battery: boolean | null;
}

export interface PauseState {
  isBusy: boolean;
  /** Readings in a row that said otherwise. */
  contrary: number;
}

export const NOT_BUSY: PauseState = { isBusy: false, contrary: 0 };

/** Readings in a row before the machine counts as busy, and before it counts as idle again: work goes on later than it stops. */
const BUSY_AFTER = 2;
const IDLE_AFTER = 6;
/** Use has to fall below this part of the threshold to be idle. */
const IDLE_PART = 0.7;

/** Whether to pause now, and why. Battery before schedule before use: the plainest reason is told. */
export function decidePause(
  state: PauseState,
  readings: Readings,
  rules: PauseRules,
): { state: PauseState; pause: PauseReason | null } {
  const next = rules.when_busy ? followUse(state, readings, rules) : NOT_BUSY;
  if (rules.on_battery && readings.on_battery === true)
    return { state: next, pause: { by: "battery", reason: "the machine runs on its battery" } };
  const period = findPeriod(rules.schedule, readings.now);
  if (period !== undefined)
    return { state: next, pause: { by: "schedule", reason: `the schedule says so (${period.text})` } };
  if (next.isBusy) return { state: next, pause: { by: "busy", reason: "other programs use the machine" } };
  return { state: next, pause: null };
}

/** One short burst is no use of the machine, and a short silence no end of it. */
function followUse(state: PauseState, readings: Readings, rules: PauseRules): PauseState {
  const part = state.isBusy ? IDLE_PART : 1;
  const isOver = (share: number | null, limit: number): boolean => share !== null && share > limit * part;
  const isUsed =
    isOver(readings.others_cpu_share, rules.busy_cpu_share) ||
    isOver(readings.others_gpu_share, rules.busy_gpu_share);
  if (isUsed === state.isBusy) return { isBusy: state.isBusy, contrary: 0 };
  const contrary = state.contrary + 1;
  const isEnough = contrary >= (state.isBusy ? IDLE_AFTER : BUSY_AFTER);
  return isEnough ? { isBusy: isUsed, contrary: 0 } : { isBusy: state.isBusy, contrary };
}
