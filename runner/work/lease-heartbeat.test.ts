import { sha256 } from "@infernet/schemas/digest";
import type { Lease } from "@infernet/schemas/runner";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EdgeUnreachable } from "../transport/edge-error.ts";
import { MemoryEdge } from "../transport/memory-edge.ts";
import { createLeaseHeartbeat, type LeaseHeartbeat } from "./lease-heartbeat.ts";

const model = await sha256(new Uint8Array(1));

describe("the heartbeat of leases", () => {
  let edge: MemoryEdge;
  let held: Lease[];
  let renewed: { id: Lease["id"]; expires_ms: number }[];
  let stopping: AbortController;
  let heartbeat: LeaseHeartbeat;

  beforeEach(() => {
    vi.useFakeTimers({ now: 0 });
    edge = new MemoryEdge();
    held = [];
    renewed = [];
    stopping = new AbortController();
    heartbeat = createLeaseHeartbeat({
      send: (beat) => edge.heartbeat(beat, stopping.signal),
      leases: () => held,
      onRenewed: (id, expires_ms) => renewed.push({ id, expires_ms }),
      onLost: (lost) => {
        held = held.filter(({ id }) => id !== lost);
      },
      signal: stopping.signal,
    });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const take = (lease_ms: number): Lease["id"] => {
    const lease = edge.offer({ model, rows: [{ start: 0, count: 1 }], inputs: [], lease_ms });
    held.push(lease);
    heartbeat.start();
    return lease.id;
  };
  /** The leases of each beat, in the order of arrival. */
  const beats = (): Lease["id"][][] =>
    edge.heartbeats.map(({ leases }) => leases.map(({ lease_id }) => lease_id));

  it("sends all that is held at every third of the shortest lease", async () => {
    held.push(edge.offer({ model, rows: [{ start: 0, count: 1 }], inputs: [], lease_ms: 9_000 }));
    take(3_000);
    const ids = held.map(({ id }) => id);
    await vi.advanceTimersByTimeAsync(999);
    expect(beats()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(beats()).toEqual([ids]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(beats()).toEqual([ids, ids]);
  });

  it("does not put a beat off when more is taken, and renews that too", async () => {
    const first = take(3_000);
    await vi.advanceTimersByTimeAsync(900);
    const second = take(3_000);
    await vi.advanceTimersByTimeAsync(100);
    expect(beats()).toEqual([[first, second]]);
    expect(vi.getTimerCount()).toBe(1);
  });

  it("reports until when each lease holds, and which are lost", async () => {
    const [lost, kept] = [take(3_000), take(3_000)];
    edge.lost.add(lost);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(renewed).toEqual([{ id: kept, expires_ms: 16_000 }]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(beats()).toEqual([[lost, kept], [kept]]);
  });

  it("beats on after a beat that failed", async () => {
    const id = take(3_000);
    edge.intercept("heartbeat", async () => {
      throw new EdgeUnreachable("no answer");
    });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(beats()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(beats()).toEqual([[id]]);
  });

  it("has one beat under way at a time", async () => {
    const answer = Promise.withResolvers<void>();
    edge.intercept("heartbeat", () => answer.promise);
    take(3_000);
    await vi.advanceTimersByTimeAsync(1_000);
    take(3_000);
    expect(vi.getTimerCount()).toBe(0);
    answer.resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(1);
  });

  it("rests while nothing is held, and starts again with the next lease", async () => {
    take(3_000);
    held = [];
    await vi.advanceTimersByTimeAsync(1_000);
    expect(beats()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
    const id = take(3_000);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(beats()).toEqual([[id]]);
  });

  it("leaves no timer behind when it is stopped, even with a beat under way", async () => {
    take(3_000);
    const answer = Promise.withResolvers<void>();
    edge.intercept("heartbeat", () => answer.promise);
    await vi.advanceTimersByTimeAsync(1_000);
    stopping.abort();
    answer.resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("drops the beat that it waits for when it is stopped, and does not start again", () => {
    take(3_000);
    stopping.abort();
    take(3_000);
    expect(vi.getTimerCount()).toBe(0);
  });
});
