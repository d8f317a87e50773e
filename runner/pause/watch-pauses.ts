import { decidePause, NOT_BUSY, type PauseRules, type Readings } from "./decide-pause.ts";
import type { PauseControl } from "./pause-control.ts";
import { readOnBattery } from "./read-battery.ts";
import { type CpuTimes, othersShare, readCpuTimes } from "./read-cpu.ts";
import { readGpuShare } from "./read-gpu.ts";

const EVERY_MS = 5_000;

export interface PauseWatch {
  rules: PauseRules;
  control: Pick<PauseControl, "follow">;
  /** Whether the runner's own work keeps the GPU busy: then its use says nothing about others. */
  usesGpu(): boolean;
  hasWork(): boolean;
  /** Told once when the machine does not say what a rule needs. */
  onSilent(detail: string): void;
  /** Ends the watch. */
  signal: AbortSignal;
  every_ms?: number;
}

/** Looks at the machine as often as the rules need it, and not at all when nothing is asked for. */
export function watchPauses({
  rules,
  control,
  usesGpu,
  hasWork,
  onSilent,
  signal,
  every_ms = EVERY_MS,
}: PauseWatch): void {
  if (!rules.when_busy && !rules.on_battery && rules.schedule.length === 0) return;
  let state = NOT_BUSY;
  let before: CpuTimes | null = null;
  let timer: NodeJS.Timeout;
  let isSilent = false;

  async function look(): Promise<void> {
    const after = rules.when_busy ? await readCpuTimes(hasWork()) : null;
    const readings: Readings = {
      now: localTime(new Date()),
      others_cpu_share: before !== null && after !== null ? othersShare(before, after) : null,
      others_gpu_share: rules.when_busy && !usesGpu() ? await readGpuShare() : null,
      on_battery: rules.on_battery ? await readOnBattery() : null,
    };
    before = after;
    if (rules.on_battery && readings.on_battery === null && !isSilent) {
      isSilent = true;
      onSilent("pause.on_battery has no effect: this machine does not say whether it runs on its battery");
    }
    const decided = decidePause(state, readings, rules);
    state = decided.state;
    if (signal.aborted) return;
    control.follow(decided.pause);
    timer = setTimeout(() => void look(), every_ms).unref();
  }

  signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  void look();
}

const localTime = (date: Date) => ({
  day: date.getDay(),
  minutes: date.getHours() * 60 + date.getMinutes(),
});
