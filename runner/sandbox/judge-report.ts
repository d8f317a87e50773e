import type { Attempted, ProbeReport } from "./probe-report.ts";

/** What a level must withhold, for a machine to be said to have it. */
const WITHHELD = {
  process: ["read a file of the system", "write a file", "start a program", "take more memory than it may"],
  bwrap: [
    "read a file of the system",
    "write a file",
    "start a program",
    "open a connection",
    "take more memory than it may",
  ],
} as const satisfies Record<string, readonly Attempted[]>;

/** What a child could do that the level withholds; null where it holds. */
export function judgeReport(level: keyof typeof WITHHELD, report: ProbeReport): string | null {
  const able = WITHHELD[level].filter((attempted) => isAble(attempted, report.attempts[attempted]));
  if (able.length > 0) return `a child in it could still ${able.join(", and ")}`;
  if (level === "bwrap" && !report.filtered) return "the kernel does not filter its system calls";
  return null;
}

/** A refusal by the peer is a network that works. */
const isAble = (attempted: Attempted, outcome: string): boolean =>
  outcome === "done" || (attempted === "open a connection" && outcome === "ECONNREFUSED");
