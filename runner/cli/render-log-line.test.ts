import { describe, expect, it } from "vitest";
import { renderLogLine } from "./render-log-line.ts";

const at = "2026-01-02T03:04:05.000Z";
const line = (event: object): string => JSON.stringify({ at, ...event });

describe("a line of the log for a person", () => {
  it("says what happened, with its time", () => {
    const paused = line({ event: "paused", by: "battery", reason: "the machine runs on its battery" });
    expect(renderLogLine(paused)).toMatch(
      /^2026-01-0\d \d\d:\d\d:05 {2}paused: the machine runs on its battery/,
    );
    expect(
      renderLogLine(line({ event: "shard.done", shard: 3, job_id: "job_1", rows: 20, compute_ms: 7.4 })),
    ).toContain("computed shard 3 of job_1: 20 rows, 7 ms in the engine");
  });

  it("is left out where it only counts", () => {
    expect(renderLogLine(line({ event: "leased", leases: [] }))).toBeNull();
  });

  it("is shown as it is when another version wrote it, or nobody knows who", () => {
    expect(renderLogLine("half a li")).toBe("half a li");
    const other = line({ event: "shard.done", shard: 3 });
    expect(renderLogLine(other)).toContain(other);
  });
});
