import { type Lease, rowsIn } from "@infernet/schemas/runner";
import type { LeaseStream } from "../transport/stream-channel.ts";
import { LeaseEnded } from "./lease-ended.ts";

/** A lease from its grant until the edge has said what became of its result. */
export interface HeldLease {
  readonly lease: Lease;
  readonly control: AbortController;
  readonly taken_ms: number;
  stage: "preparing" | "running" | "finished";
  /** Since when the engine has had it. */
  running_ms: number;
  /** By the edge's clock; heartbeats move it. */
  expires_ms: number;
  /** Of a lease on completions those that are not done; of any other 0. */
  completions_left: number;
  /** Where its tokens go as they are made. */
  stream: LeaseStream | null;
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
    const held: HeldLease = {
      ...{ lease, control, taken_ms: performance.now(), stage: "preparing", running_ms: 0, expires_ms },
      completions_left: lease.generation === undefined ? 0 : rowsIn(lease.rows),
      stream: null,
    };
    this.#held.set(lease.id, held);
    return held;
  }

  /** No sign of life is given of it any more. */
  delete(id: Lease["id"]): void {
    this.#held.get(id)?.stream?.close();
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
