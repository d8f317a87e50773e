/** Where the object that sends something dies: after it has prepared it, stored it, or sent it. */
export type CrashPoint = "prepared" | "stored" | "sent";

export class Crash extends Error {}

/** An object that dies where the test says, once, and whose next instance lives. */
export class Mortal {
  crashAt: CrashPoint | null = null;
  #isDead = false;

  protected revive(): void {
    this.#isDead = false;
  }

  protected dieAt(point: CrashPoint): void {
    if (this.crashAt !== point) return;
    this.crashAt = null;
    this.#isDead = true;
    throw new Crash(point);
  }

  /** Whoever handles the failure that stands for a crash would be dead: it gets no further than to the clock. */
  protected assertAlive(): void {
    if (this.#isDead) throw new Crash();
  }
}
