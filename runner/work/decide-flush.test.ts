import { formatJobId, formatPartition, type JobId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { describe, expect, it } from "vitest";
import { decideFlush, type FlushSituation, type WaitingResult } from "./decide-flush.ts";

const job = (last: number): JobId =>
  formatJobId(formatPartition(1), `019aa5d0c1f07c3e8f2b6d4e5a90112${last}`);
const done = (change: Partial<WaitingResult> = {}): WaitingResult => ({
  result: { job_id: job(1), outcome: "done" },
  inline_bytes: 100,
  finished_ms: 1_000,
  lease_left_ms: 15_000,
  ...change,
});
const flush = (waiting: WaitingResult[], change: Partial<FlushSituation> = {}): number =>
  decideFlush({ waiting, jobs_at_work: new Set([job(1)]), isDraining: false, now_ms: 1_100, ...change });

describe("when to send finished results", () => {
  it("is a fraction of a second after the oldest while its job goes on here", () => {
    expect(flush([done(), done({ finished_ms: 1_090 })])).toBe(LIMITS.submission_linger_ms - 100);
  });

  it("is now when the oldest has waited long enough", () => {
    expect(flush([done({ finished_ms: 0 }), done()])).toBe(0);
  });

  it("is never when there are none", () => {
    expect(flush([])).toBe(Number.POSITIVE_INFINITY);
    expect(flush([], { isDraining: true })).toBe(Number.POSITIVE_INFINITY);
  });

  it("is within a quarter of what the lease has left", () => {
    expect(flush([done({ lease_left_ms: 800 })])).toBe(100);
    expect(flush([done({ lease_left_ms: -800 })])).toBe(0);
  });

  it("is now when nothing is left to compute", () => {
    expect(flush([done()], { jobs_at_work: new Set() })).toBe(0);
  });

  it("is now when nothing is left of its job, whatever else is computed", () => {
    expect(flush([done()], { jobs_at_work: new Set([job(2)]) })).toBe(0);
  });

  it("is now when they fill a submission", () => {
    const half = done({ inline_bytes: LIMITS.inline_output_bytes_max / 2 });
    expect(flush([half])).toBeGreaterThan(0);
    expect(flush([half, half])).toBe(0);
  });

  it("is now when they take up half of the leases that a runner may hold", () => {
    const many = (count: number) => Array.from({ length: count }, () => done());
    expect(flush(many(LIMITS.leases_per_runner_max / 2 - 1))).toBeGreaterThan(0);
    expect(flush(many(LIMITS.leases_per_runner_max / 2))).toBe(0);
  });

  it.each(["failed", "handed_back"] as const)("is now when a shard is %s", (outcome) => {
    expect(flush([done(), done({ result: { job_id: job(1), outcome } })])).toBe(0);
  });

  it("is now when the runner drains", () => {
    expect(flush([done()], { isDraining: true })).toBe(0);
  });
});
