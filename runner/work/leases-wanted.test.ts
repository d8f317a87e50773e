import { LIMITS } from "@infernet/schemas/limits";
import { describe, expect, it } from "vitest";
import { decideLeasesWanted, type Holding } from "./leases-wanted.ts";

const wanted = (holding: Partial<Holding>): number =>
  decideLeasesWanted({
    working: 0,
    held: 0,
    shard_ms_mean: null,
    completing: 0,
    at_once_max: null,
    sharing: 1,
    ...holding,
  });

describe("how many leases to ask for", () => {
  it("is a few before anything is known of the work", () => {
    expect(wanted({ working: 0, held: 0, shard_ms_mean: null })).toBe(4);
  });

  it("is enough for a second of short shards", () => {
    expect(wanted({ working: 0, held: 0, shard_ms_mean: 100 })).toBe(10);
  });

  it("is never more than one poll may ask for", () => {
    expect(wanted({ working: 0, held: 0, shard_ms_mean: 0.01 })).toBe(LIMITS.leases_per_poll_max);
  });

  it("is a full answer at each poll while shards are short", () => {
    const wantedAt = (working: number) => wanted({ working, held: working, shard_ms_mean: 5 });
    expect([0, 16, 17, 32].map(wantedAt)).toEqual([16, 16, 0, 0]);
  });

  it("is a few when shards are long", () => {
    const wantedAt = (working: number) => wanted({ working, held: working, shard_ms_mean: 800 });
    expect([0, 2, 3].map(wantedAt)).toEqual([4, 2, 0]);
  });

  it("waits until half of them are used up", () => {
    expect(wanted({ working: 3, held: 3, shard_ms_mean: 500 })).toBe(0);
    expect(wanted({ working: 2, held: 2, shard_ms_mean: 500 })).toBe(2);
  });

  it("leaves room for results that the edge has not acknowledged", () => {
    expect(wanted({ working: 0, held: LIMITS.leases_per_runner_max, shard_ms_mean: 1 })).toBe(0);
  });

  it("is as many completions as can begin at once, and one poll after the other while there are any", () => {
    const at = (completing: number) => wanted({ completing, held: completing, at_once_max: 32 });
    expect([1, 16, 17, 31, 32, 300].map(at)).toEqual([16, 16, 15, 1, 0, 0]);
  });

  it("is no more completions than a few before it is known how many are made at once", () => {
    expect([1, 4].map((completing) => wanted({ completing, held: completing }))).toEqual([3, 0]);
  });

  it("is less where others share the machine, and never nothing", () => {
    expect([1, 2, 4].map((sharing) => wanted({ shard_ms_mean: 100, sharing }))).toEqual([10, 5, 3]);
    expect(wanted({ shard_ms_mean: 800, sharing: 100 })).toBe(1);
    const completions = { completing: 2, held: 2, at_once_max: 16 };
    expect([1, 2, 8].map((sharing) => wanted({ ...completions, sharing }))).toEqual([14, 6, 0]);
  });

  it("is none beside completions while there is other work enough", () => {
    const at = (working: number) => wanted({ working, completing: 1, held: working + 1, at_once_max: 8 });
    expect([0, 3, 4].map(at)).toEqual([7, 7, 0]);
  });
});
