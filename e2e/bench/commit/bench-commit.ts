import type { BenchContext, BenchResult } from "../bench-part.ts";
import { median, quantile } from "../quantile.ts";
import { measureCheck } from "./measure-check.ts";
import { measurePairs } from "./measure-pairs.ts";
import { measureSlowdown } from "./measure-slowdown.ts";
import { openGlyphs, SHARD_ROWS } from "./open-glyphs.ts";
import { renderCommit } from "./render-commit.ts";

export interface CommitReport {
  runner: {
    pairs: number;
    compute_ms: number;
    commit_us: number;
    /** Processor time of a commitment over that of its shard's inference. */
    cpu_share: number;
    cpu_share_p90: number;
    /** Time that commitments add while the engine goes on, and its quartiles: how far rounds are apart on this machine. */
    added: number;
    added_quartiles: [number, number];
  };
  edge: { verify_us: number; draw_us: number; compare_us: number };
}

/** What commitments and checks cost: the runner as a share of the inference, the edge in microseconds. */
export async function benchCommit({ cleanup, say }: BenchContext): Promise<BenchResult> {
  const glyphs = await openGlyphs({ cleanup });
  say(`glyphs, ${SHARD_ROWS} rows, one thread: computing and committing by turns`);
  const pairs = await measurePairs(glyphs);
  say("computing shards on end, with commitments and without");
  const slowdowns = await measureSlowdown(glyphs);
  say("verifying, drawing and comparing");
  const check = await measureCheck(glyphs);
  await cleanup.run();
  const shares = pairs.map(({ commit_ms, compute_ms }) => commit_ms / compute_ms);
  const report: CommitReport = {
    runner: {
      pairs: pairs.length,
      compute_ms: median(pairs.map(({ compute_ms }) => compute_ms)),
      commit_us: median(pairs.map(({ commit_ms }) => commit_ms)) * 1_000,
      cpu_share: median(shares),
      cpu_share_p90: quantile(shares, 0.9),
      added: median(slowdowns) - 1,
      added_quartiles: [quantile(slowdowns, 0.25) - 1, quantile(slowdowns, 0.75) - 1],
    },
    edge: {
      verify_us: median(check.verify_us),
      draw_us: median(check.draw_us),
      compare_us: median(check.compare_us),
    },
  };
  return { report, text: renderCommit(report) };
}
