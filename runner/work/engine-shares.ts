import { FairShares, type Turn } from "@infernet/protocol/peers/fair-shares";
import { LIMITS } from "@infernet/schemas/limits";

/** How often those are looked at who wait for others to catch up, besides whenever a turn ends. */
const LOOK_MS = 50;

/** `FairShares` by this machine's clock, for the gates of all its engines. */
export class EngineShares {
  readonly #shares = new FairShares(LIMITS.engine_lead_ms_max);
  readonly #held = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;

  wait(user: string): void {
    this.#shares.wait(user, performance.now());
  }

  giveUp(user: string): void {
    this.#shares.giveUp(user, performance.now());
    this.#lookAgain();
  }

  enter(user: string, parallel: number): Turn {
    return this.#shares.enter(user, parallel);
  }

  begin(turn: Turn): void {
    this.#shares.begin(turn, performance.now());
  }

  end(turn: Turn, compute_ms: number | null): void {
    this.#shares.end(turn, compute_ms, performance.now());
    this.#lookAgain();
  }

  next(users: Iterable<string>): string | null {
    return this.#shares.next(users, performance.now());
  }

  forget(user: string): void {
    this.#shares.forget(user);
  }

  /** To be called where an engine has room and nobody may go on: `look` is called when that may be different. */
  hold(look: () => void): void {
    this.#held.add(look);
    this.#timer ??= setTimeout(() => this.#lookAgain(), LOOK_MS).unref();
  }

  #lookAgain(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const looks = [...this.#held];
    this.#held.clear();
    for (const look of looks) look();
  }
}
