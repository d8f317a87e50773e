import { formatNumber } from "../format-number.ts";
import { renderTable } from "../render-table.ts";
import type { CommitReport } from "./bench-commit.ts";
import { AUDIT_ROWS, ROSTER_RUNNERS } from "./measure-check.ts";
import { SHARD_ROWS } from "./open-glyphs.ts";

export function renderCommit({ runner, edge }: CommitReport): string {
  const ofRunner = renderTable(
    ["the runner, for a shard", ""],
    [
      [`inference of ${SHARD_ROWS} rows of glyphs on one thread`, `${formatNumber(runner.compute_ms)} ms`],
      ["commitment: Merkle root and signature", `${formatNumber(runner.commit_us)} µs`],
      ["its processor time, of the inference's", renderShare(runner.cpu_share)],
      ["the same, 90th percentile", renderShare(runner.cpu_share_p90)],
      ["time it adds, as the engine goes on meanwhile", renderShare(runner.added)],
      ["the same, quartiles of the rounds", runner.added_quartiles.map(renderShare).join(" to ")],
    ],
  );
  const ofEdge = renderTable(
    ["the edge", "µs"],
    [
      ["verify a commitment: leaves, root, signature", formatNumber(edge.verify_us)],
      [`draw an auditor of ${ROSTER_RUNNERS} and its ${AUDIT_ROWS} rows`, formatNumber(edge.draw_us)],
      [`compare an audit of ${AUDIT_ROWS} rows`, formatNumber(edge.compare_us)],
    ],
  );
  return `${ofRunner}

${ofEdge}

  medians of ${runner.pairs} pairs, each commitment against the inference before it; the edge's own functions, run in Node`;
}

const renderShare = (share: number): string => `${(share * 100).toFixed(2)} %`;
