import type { Heartbeat, HeartbeatResponse, Lease } from "@infernet/schemas/runner";

export interface LeaseHeartbeatOptions {
  send(heartbeat: Heartbeat): Promise<HeartbeatResponse>;
  /** All that the runner holds now. */
  leases(): readonly Lease[];
  /** `expires_ms` is Unix time by the edge's clock. */
  onRenewed(id: Lease["id"], expires_ms: number): void;
  onLost(id: Lease["id"]): void;
  /** Ends the heartbeat for good. */
  signal: AbortSignal;
}

/** Renews every lease that is held, all in one beat, for as long as there are any. A beat that fails is passed over. */
export interface LeaseHeartbeat {
  /** To be called when leases have been taken; one that beats already goes on in its time. */
  start(): void;
  /** Asks at once what is still held, as after a time in which nothing was sent. */
  beatNow(): void;
}

export function createLeaseHeartbeat(options: LeaseHeartbeatOptions): LeaseHeartbeat {
  const { send, leases, onRenewed, onLost, signal } = options;
  /** Set from the wait for a beat until its answer: one beat at a time. */
  let timer: NodeJS.Timeout | undefined;
  let isBeating = false;
  signal.addEventListener("abort", () => clearTimeout(timer), { once: true });

  function start(): void {
    const held = leases();
    if (timer || held.length === 0 || signal.aborted) return;
    const shortest_ms = Math.min(...held.map(({ lease_ms }) => lease_ms));
    // A third of the shortest lease: two heartbeats may fail before a lease does.
    timer = setTimeout(() => void beat(), shortest_ms / 3);
  }

  function beatNow(): void {
    if (signal.aborted || isBeating) return;
    clearTimeout(timer);
    void beat();
  }

  async function beat(): Promise<void> {
    isBeating = true;
    const held = leases().map(({ id, job_id }) => ({ lease_id: id, job_id }));
    try {
      if (held.length > 0) {
        const { renewed, lost } = await send({ leases: held });
        for (const { lease_id, expires_ms } of renewed) onRenewed(lease_id, expires_ms);
        for (const id of lost) onLost(id);
      }
    } catch {
      // The client has said that the edge is away; the next heartbeat is the retry.
    }
    isBeating = false;
    timer = undefined;
    start();
  }

  return { start, beatNow };
}
