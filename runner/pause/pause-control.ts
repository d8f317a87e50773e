import type { PauseSwitch } from "../work/pause-switch.ts";
import type { PauseCause } from "../work/runner-event.ts";

export interface PauseReason {
  by: PauseCause;
  reason: string;
}

const BY_HAND: PauseReason = { by: "command", reason: "by `infernet-runner pause`" };

/** Two have a say: the owner's command, which stands until it is taken back, and the rules of the settings. */
export class PauseControl {
  readonly #switch: PauseSwitch;
  #isByHand = false;
  #rule: PauseReason | null = null;

  constructor(pauseSwitch: PauseSwitch) {
    this.#switch = pauseSwitch;
  }

  pause(): void {
    this.#isByHand = true;
    this.#apply();
  }

  resume(): void {
    this.#isByHand = false;
    this.#apply();
  }

  /** What the rules say now; null when they have nothing against working. */
  follow(rule: PauseReason | null): void {
    this.#rule = rule;
    this.#apply();
  }

  #apply(): void {
    const wanted = this.#isByHand ? BY_HAND : this.#rule;
    if (wanted === null) this.#switch.resume();
    else this.#switch.pause(wanted.by, wanted.reason);
  }
}
