import { LIMITS } from "@infernet/schemas/limits";

/** Whether WebSockets get through to an edge, by what became of those that were tried. */
export class Upgrades {
  readonly #onBlocked: () => void;
  #refused = 0;
  #again_ms = Number.NEGATIVE_INFINITY;

  /** @param onBlocked told when posts are sent from now on */
  constructor(onBlocked: () => void) {
    this.#onBlocked = onBlocked;
  }

  /** Where they do not, one is tried again after a while. */
  get areWorthTrying(): boolean {
    return performance.now() >= this.#again_ms;
  }

  noteOpened(): void {
    this.#refused = 0;
  }

  noteRefused(): void {
    this.#refused += 1;
    if (this.#refused < LIMITS.stream_upgrades_refused_max) return;
    const wasOpen = this.areWorthTrying;
    this.#again_ms = performance.now() + LIMITS.stream_upgrade_again_ms;
    if (wasOpen) this.#onBlocked();
  }
}
