import type { EarningView } from "@infernet/schemas/earning";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { jobOf } from "../earnings/testing/a-book.ts";
import { MemoryEdge } from "../transport/memory-edge.ts";
import { earnedSince, startOfDay } from "./earned-since.ts";
import { EarnedToday } from "./earned-today.ts";

const NEVER = new AbortController().signal;
const NOON = new Date(2026, 0, 2, 12);
const earning = (n: number, at: Date, rest: Partial<EarningView> = {}): EarningView => ({
  ...jobOf(n),
  earned_at: at.toISOString(),
  earned_micro: "100",
  ...rest,
});

describe("what was earned today", () => {
  let edge: MemoryEdge;
  beforeEach(() => {
    edge = new MemoryEdge();
  });

  it("is what jobs brought since midnight of the machine's own day, held or paid, by unit", async () => {
    const yesterday = new Date(NOON.getTime() - 13 * 3_600_000);
    edge.earnings.push(
      ...Array.from({ length: 150 }, (_, n) => earning(n, NOON)),
      earning(150, NOON, { state: "taken_back" }),
      earning(151, yesterday),
    );
    expect(await earnedSince(edge, startOfDay(NOON), NEVER)).toEqual([{ unit: "credit", micro: 15_000n }]);
  });

  it("is asked again for a while after work, for a job pays when all of it has ended", async () => {
    vi.useFakeTimers({ now: NOON, toFake: ["Date", "performance"] });
    try {
      const today = new EarnedToday();
      today.connect(edge);
      expect(today.read(NEVER)).toEqual([]);
      today.observe({ event: "submitted", receipts: [] });
      edge.earnings.push(earning(1, NOON));
      // Asked a moment ago: the answer has to wait its turn.
      expect(today.read(NEVER)).toEqual([]);
      vi.advanceTimersByTime(30_000);
      today.read(NEVER);
      await vi.waitFor(() => expect(today.read(NEVER)).toEqual([{ unit: "credit", micro: 100n }]));
      vi.advanceTimersByTime(24 * 3_600_000);
      expect(today.read(NEVER)).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });
});
