import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { ReputationEvent } from "@infernet/schemas/provider";

interface Presence {
  from_ms: number;
  seen_ms: number;
}

/** Turns polls into a few uptime events: one for each full reporting span in which a runner never fell silent. */
export class UptimeLog {
  readonly #present = new Map<RunnerId, Presence>();

  /** Notes a sign of life; the event to record when a span is complete. */
  see(runner: RunnerId, now_ms: number): ReputationEvent | null {
    const presence = this.#present.get(runner);
    if (this.#present.size > LIMITS.runners_per_dispatcher_max) this.#forgetUnseen(now_ms);
    if (presence === undefined || now_ms - presence.seen_ms > LIMITS.runner_unseen_ms_max) {
      this.#present.set(runner, { from_ms: now_ms, seen_ms: now_ms });
      return null;
    }
    presence.seen_ms = now_ms;
    if (now_ms - presence.from_ms < LIMITS.uptime_report_ms) return null;
    const { from_ms } = presence;
    presence.from_ms = now_ms;
    return { kind: "uptime", id: `uptime_${from_ms}`, at_ms: now_ms, from_ms, to_ms: now_ms };
  }

  #forgetUnseen(now_ms: number): void {
    for (const [runner, { seen_ms }] of this.#present) {
      if (now_ms - seen_ms > LIMITS.runner_unseen_ms_max) this.#present.delete(runner);
    }
  }
}
