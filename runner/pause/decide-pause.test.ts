import { describe, expect, it } from "vitest";
import { decidePause, NOT_BUSY, type PauseRules, type Readings } from "./decide-pause.ts";
import { Period } from "./schedule.ts";

const OFF: PauseRules = {
  when_busy: false,
  busy_cpu_share: 0.3,
  busy_gpu_share: 0.3,
  schedule: [],
  on_battery: false,
};
const BUSY: PauseRules = { ...OFF, when_busy: true };
const idle: Readings = {
  now: { day: 1, minutes: 600 },
  others_cpu_share: 0,
  others_gpu_share: 0,
  on_battery: false,
};
const used: Readings = { ...idle, others_cpu_share: 0.9 };

/** Whether it pauses after each of the readings. */
function play(rules: PauseRules, readings: readonly Readings[]): boolean[] {
  let state = NOT_BUSY;
  return readings.map((reading) => {
    const decided = decidePause(state, reading, rules);
    state = decided.state;
    return decided.pause !== null;
  });
}
const times = (n: number, reading: Readings): Readings[] => Array.from({ length: n }, () => reading);

describe("a pause", () => {
  it("comes of nothing unless it is asked for", () => {
    expect(play(OFF, times(9, { ...used, on_battery: true }))).toEqual(Array(9).fill(false));
  });

  it("begins with the second busy reading, not with a short burst", () => {
    expect(play(BUSY, [used, idle, used, idle, used])).toEqual([false, false, false, false, false]);
    expect(play(BUSY, [idle, used, used])).toEqual([false, false, true]);
  });

  it("ends when the machine has been idle for a while, not in a short silence", () => {
    const readings = [used, used, idle, idle, idle, used, ...times(6, idle)];
    expect(play(BUSY, readings)).toEqual([
      ...[false, true, true, true, true, true],
      ...[true, true, true, true, true, false],
    ]);
  });

  it("does not end while use stays just below the threshold that began it", () => {
    const less = { ...idle, others_cpu_share: 0.25 };
    expect(play(BUSY, [used, used, ...times(20, less)]).at(-1)).toBe(true);
    expect(play(BUSY, times(20, less)).at(-1)).toBe(false);
  });

  it("follows the GPU as it follows the cores, and takes nothing from a machine that cannot tell", () => {
    expect(play(BUSY, times(2, { ...idle, others_gpu_share: 0.8 }))).toEqual([false, true]);
    const silent = { ...idle, others_cpu_share: null, others_gpu_share: null, on_battery: null };
    expect(play({ ...BUSY, on_battery: true }, times(9, silent))).toEqual(Array(9).fill(false));
  });

  it("begins and ends at once with the battery and with the schedule, and names the plainest reason", () => {
    const rules = { ...BUSY, on_battery: true, schedule: [Period.parse("mon 09:00-18:00")] };
    const reasonOf = (reading: Readings) => decidePause({ isBusy: true, contrary: 0 }, reading, rules).pause;
    expect(reasonOf({ ...used, on_battery: true })).toMatchObject({ by: "battery" });
    expect(reasonOf(used)).toEqual({ by: "schedule", reason: "the schedule says so (mon 09:00-18:00)" });
    expect(reasonOf({ ...used, now: { day: 2, minutes: 600 } })).toMatchObject({ by: "busy" });
  });
});
