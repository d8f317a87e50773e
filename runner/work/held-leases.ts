import type { Lease } from "@infernet/schemas/runner";
import { LeaseEnded } from "./lease-ended.ts";

/** A lease from its grant until the edge has said what became of its result. */
export interface HeldLease {
  readonly lease: Lease;
  readonly control: AbortController;
  readonly taken_ms: number;
  stage: "preparing" | "running" | "finished";
  /** By the edge's clock; heartbeats move it. */
  expires_ms: number;
}

/** The leases of a runner, and the means to wait for what becomes of them. */
export class HeldLeases {
  readonly #held = new Map<Lease["id"], HeldLease>();
  #changed = Promise.withResolvers<void>();

  get size(): number {
    return this.#held.size;
  }

  get leases(): Lease[] {
    return [...this.#held.values()].map(({ lease }) => lease);
  }

  /** Those whose shard is not computed yet. */
  get atWork(): HeldLease[] {
    return [...this.#held.values()].filter(({ stage }) => stage !== "finished");
  }

  get(id: Lease["id"]): HeldLease | undefined {
    return this.#held.get(id);
  }

  add(lease: Lease): HeldLease {
    const { expires_ms } = lease;
    const control = new AbortController();
    const held: HeldLease = { lease, control, taken_ms: performance.now(), stage: "preparing", expires_ms };
    this.#held.set(lease.id, held);
    return held;
  }

  delete(id: Lease["id"]): void {
    this.#held.delete(id);
  }

  /** Stops the work on the leases at this stage, or on all. */
  end(how: LeaseEnded["how"], stage?: HeldLease["stage"]): void {
    for (const held of this.#held.values()) {
      if (!stage || held.stage === stage) held.control.abort(new LeaseEnded(how));
    }
    this.wake();
  }

  /** Tells those who wait that something about the leases, or around them, is different. */
  wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** Resolves at the next `wake`. */
  changed(): Promise<void> {
    return this.#changed.promise;
  }
}
