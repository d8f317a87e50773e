import type { Glyphs } from "./open-glyphs.ts";

const PAIRS_WARM = 500;
const PAIRS = 500;

/** One shard computed, and its commitment made right after it. */
export interface CommitPair {
  compute_ms: number;
  commit_ms: number;
}

/** Computes and commits by turns: the commitment's time is processor time, for nothing in it waits. */
export async function measurePairs({ compute, commit }: Glyphs): Promise<CommitPair[]> {
  const pairs: CommitPair[] = [];
  for (let shard = 0; shard < PAIRS_WARM + PAIRS; shard += 1) {
    const computed = await compute(shard);
    const started = performance.now();
    commit(computed);
    const commit_ms = performance.now() - started;
    if (shard >= PAIRS_WARM) pairs.push({ compute_ms: computed.run.compute_ms, commit_ms });
  }
  return pairs;
}
