import { describe, expect, it } from "vitest";
import { nextStep } from "./next-step.ts";
import { jobOf, sumsOf } from "./testing/a-book.ts";

const next = (sums: Parameters<typeof sumsOf>[0][], jobs = [jobOf(1)]) =>
  nextStep(sums.map(sumsOf), jobs, "infernet-runner withdraw --edge https://edge.example");

describe("what the owner is told to do next", () => {
  it("is to have sent what is enough for a payout, of each unit", () => {
    expect(
      next([
        { payable_micro: "1250000", held_micro: "7" },
        { unit: "usdc:solana", payable_micro: "10000" },
        { unit: "usdc:base", payable_micro: "9999" },
      ]),
    ).toBe(
      "1.250000 credit and 0.010000 usdc:solana can be sent now: infernet-runner withdraw --edge https://edge.example",
    );
  });

  it("is to wait, when less is payable than a payout takes", () => {
    expect(next([{ payable_micro: "9999" }])).toBe(
      "Nothing can be sent yet: 0.009999 credit payable, and a payout takes at least 0.010000.",
    );
  });

  it("is to wait until the time that held jobs name", () => {
    expect(next([{ held_micro: "1000000", payable_micro: "1" }])).toBe(
      "Nothing can be sent yet: 0.000001 credit payable, and a payout takes at least 0.010000; " +
        "1.000000 credit held until 2026-01-02 15:04:05 UTC.",
    );
    const later = jobOf(2, { held_until: "2026-01-03T00:00:00.000Z" });
    const paid = jobOf(3, { state: "paid", held_until: "2025-01-01T00:00:00.000Z" });
    expect(next([{ held_micro: "2000000" }], [later, jobOf(1), paid])).toBe(
      "Nothing can be sent yet: 2.000000 credit held until 2026-01-02 15:04:05 UTC for the first of the jobs above, " +
        "2026-01-03 00:00:00 UTC for the last.",
    );
    expect(next([{ held_micro: "1000000" }], [paid])).toBe(
      "Nothing can be sent yet: 1.000000 credit held in jobs older than those listed.",
    );
  });

  it("is to look again while a payout is on its way", () => {
    expect(next([{ ordered_micro: "1250000", paid_micro: "1" }])).toBe(
      "1.250000 credit on the way; this command tells how it comes out.",
    );
  });

  it("is nothing when all was paid or taken back, or came to nothing", () => {
    expect(next([{ paid_micro: "1", taken_back_micro: "1" }])).toContain("has been paid");
    expect(next([{ taken_back_micro: "1" }])).toContain("found wrong");
    expect(next([{}], [jobOf(1, { earned_micro: "0" })])).toContain("came to nothing");
  });

  it("is to leave the runner running when no job has ended yet", () => {
    expect(next([], [])).toBe(
      "Nothing has been earned yet: no paid job that this machine worked on has ended. Leave `infernet-runner start` running.",
    );
  });
});
