import { LIMITS } from "@infernet/schemas/limits";
import type { Availability } from "@infernet/schemas/peer/peer-record";
import type { RunnerRegistration } from "@infernet/schemas/runner";
import type { WorkLoop, WorkTally } from "./work-loop.ts";

/** The work of one machine for all its aggregators: what its owner wants of the machine holds for each of them. */
export class WorkLoops {
  readonly #loops = new Map<WorkLoop, Promise<void>>();
  readonly #leaving = Promise.withResolvers<void>();
  #registration: RunnerRegistration;
  #isPaused = false;
  #isDraining = false;
  #tally: WorkTally = { shards_done: 0, shards_failed: 0, rows_done: 0, unsent: 0 };

  constructor(registration: RunnerRegistration) {
    this.#registration = registration;
  }

  /** As aggregators were told last. */
  get registration(): RunnerRegistration {
    return this.#registration;
  }

  /** Whether it would take more work now, from whomever. */
  get availability(): Availability {
    if (this.#isPaused || this.#isDraining || this.#registration.capability.engines.length === 0)
      return "paused";
    const loops = [...this.#loops.keys()];
    return loops.length === 0 || loops.some(({ availability }) => availability === "open") ? "open" : "busy";
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Those that have work for this machine now, and whoever asks. */
  sharing(asking: WorkLoop): number {
    return [...this.#loops.keys()].filter((loop) => loop === asking || loop.hasWork).length;
  }

  /** Leases that are held. */
  get leases(): number {
    return [...this.#loops.keys()].reduce((sum, loop) => sum + loop.leases, 0);
  }

  /** What came of all the work of loops that have ended. */
  get tally(): WorkTally {
    return this.#tally;
  }

  /** Runs a loop until its end, as `WorkLoop.run`, and has it do what the others do. */
  run(loop: WorkLoop): Promise<void> {
    const running = loop.run().finally(() => {
      this.#loops.delete(loop);
      this.#tally = addTallies(this.#tally, loop.tally);
    });
    this.#loops.set(loop, running);
    if (this.#isPaused) loop.pause();
    if (this.#isDraining) loop.drain();
    return running;
  }

  /** Resolves when no more work is wanted. */
  async drained(): Promise<void> {
    // Nothing else keeps the process of a machine that waits to be asked.
    const alive = setInterval(() => undefined, LIMITS.runner_gap_ms_min);
    await this.#leaving.promise;
    clearInterval(alive);
  }

  /** Resolves when every loop has ended, however it did. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#loops.values());
  }

  pause(): void {
    this.#isPaused = true;
    for (const loop of this.#loops.keys()) loop.pause();
  }

  resume(): void {
    this.#isPaused = false;
    for (const loop of this.#loops.keys()) loop.resume();
  }

  /** See `WorkLoop.offer`. */
  async offer(registration: RunnerRegistration): Promise<void> {
    this.#registration = registration;
    await Promise.all([...this.#loops.keys()].map((loop) => loop.offer(registration)));
  }

  /** See `WorkLoop.recover`. */
  recover(): void {
    for (const loop of this.#loops.keys()) loop.recover();
  }

  drain(): void {
    this.#isDraining = true;
    this.#leaving.resolve();
    for (const loop of this.#loops.keys()) loop.drain();
  }

  kill(): void {
    this.#isDraining = true;
    this.#leaving.resolve();
    for (const loop of this.#loops.keys()) loop.kill();
  }
}

const addTallies = (one: WorkTally, other: WorkTally): WorkTally => ({
  shards_done: one.shards_done + other.shards_done,
  shards_failed: one.shards_failed + other.shards_failed,
  rows_done: one.rows_done + other.rows_done,
  unsent: one.unsent + other.unsent,
});
