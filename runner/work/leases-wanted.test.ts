import { LIMITS } from "@infernet/schemas/limits";
import { describe, expect, it } from "vitest";
import { decideLeasesWanted } from "./leases-wanted.ts";

describe("how many leases to ask for", () => {
  it("is a few before anything is known of the work", () => {
    expect(decideLeasesWanted({ working: 0, held: 0, shard_ms_mean: null })).toBe(4);
  });

  it("is enough for a second of short shards", () => {
    expect(decideLeasesWanted({ working: 0, held: 0, shard_ms_mean: 100 })).toBe(10);
  });

  it("is never more than one poll may ask for", () => {
    expect(decideLeasesWanted({ working: 0, held: 0, shard_ms_mean: 0.01 })).toBe(LIMITS.leases_per_poll_max);
  });

  it("is a full answer at each poll while shards are short", () => {
    const wanted = (working: number) => decideLeasesWanted({ working, held: working, shard_ms_mean: 5 });
    expect([0, 16, 17, 32].map(wanted)).toEqual([16, 16, 0, 0]);
  });

  it("is a few when shards are long", () => {
    const wanted = (working: number) => decideLeasesWanted({ working, held: working, shard_ms_mean: 800 });
    expect([0, 2, 3].map(wanted)).toEqual([4, 2, 0]);
  });

  it("waits until half of them are used up", () => {
    expect(decideLeasesWanted({ working: 3, held: 3, shard_ms_mean: 500 })).toBe(0);
    expect(decideLeasesWanted({ working: 2, held: 2, shard_ms_mean: 500 })).toBe(2);
  });

  it("leaves room for results that the edge has not acknowledged", () => {
    expect(decideLeasesWanted({ working: 0, held: LIMITS.leases_per_runner_max, shard_ms_mean: 1 })).toBe(0);
  });
});
