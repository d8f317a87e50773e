import type { BenchContext, BenchResult } from "../bench-part.ts";
import { formatNumber } from "../format-number.ts";
import { median } from "../quantile.ts";
import { renderTable } from "../render-table.ts";
import { measureCold } from "./measure-cold.ts";
import { measureTransfers, type Transfers } from "./measure-transfers.ts";

/** Blobs between machines: how fast from several peers, what a liar costs, and how often a cold model leaves the edge. */
export async function benchPeerBlobs(context: BenchContext): Promise<BenchResult> {
  const transfers = await measureTransfers(context);
  await context.cleanup.run();
  const cold = await measureCold(context);
  const text = [
    renderTable(
      ["64 MiB from", "runs", "MB/s", "slowest", "processor time there, ms", "wasted, MB", "found out"],
      transfers.map(renderTransfers),
    ),
    "",
    `A cold model of ${(cold.model_bytes / 1e6).toFixed(1)} MB on ${cold.runners} runners at once, ${cold.fetched} of which fetched it:`,
    `  ${(cold.from_edge_bytes / cold.model_bytes).toFixed(2)} copies from the edge as they tell it, ${(cold.line_bytes / cold.model_bytes).toFixed(2)} by the edge's lines;`,
    `  ${(cold.from_peers_bytes / cold.model_bytes).toFixed(2)} copies from each other, in ${(cold.took_ms / 1_000).toFixed(1)} s`,
  ].join("\n");
  return { report: { transfers, cold }, text };
}

function renderTransfers({ title, bytes, runs }: Transfers): string[] {
  const rates = runs.map(({ took_ms }) => bytes / took_ms / 1_000);
  return [
    title,
    ...[
      runs.length,
      median(rates),
      Math.min(...rates),
      median(runs.map(({ cpu_ms }) => cpu_ms)),
      median(runs.map(({ wasted_bytes }) => wasted_bytes / 1e6)),
      runs.reduce((sum, { distrusted }) => sum + distrusted.length, 0),
    ].map(formatNumber),
  ];
}
