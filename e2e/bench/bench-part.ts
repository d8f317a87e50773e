import type { Cleanup } from "../network/cleanup.ts";

export interface BenchContext {
  /** Whatever a part starts, it adds here. */
  cleanup: Cleanup;
  /** Tells a waiting person what is going on; never part of the result. */
  say: (line: string) => void;
}

/** One measurement: its figures, and the same for a person. */
export interface BenchResult {
  report: object;
  text: string;
}

export type BenchPart = (context: BenchContext) => Promise<BenchResult>;
