import type { Log, PauseCause } from "./runner-event.ts";
import type { WorkLoop } from "./work-loop.ts";

export interface PauseSwitch {
  /** Asks for no more work until `resume`; what is in hand is finished. */
  pause(by: PauseCause, reason: string): void;
  resume(): void;
}

/** Says each change once, however often it is asked for; a pause for another cause is the same pause. */
export function createPauseSwitch(loop: Pick<WorkLoop, "pause" | "resume">, log: Log): PauseSwitch {
  let since_ms: number | null = null;
  let cause: PauseCause | null = null;
  return {
    pause: (by, reason) => {
      if (cause === by) return;
      cause = by;
      log({ event: "paused", by, reason });
      if (since_ms !== null) return;
      since_ms = performance.now();
      loop.pause();
    },
    resume: () => {
      if (since_ms === null) return;
      log({ event: "resumed", paused_ms: performance.now() - since_ms });
      since_ms = null;
      cause = null;
      loop.resume();
    },
  };
}
