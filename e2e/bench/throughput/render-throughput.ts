import { formatNumber } from "../format-number.ts";
import { renderTable } from "../render-table.ts";
import type { ThroughputReport } from "./throughput-report.ts";

const HEADER = [
  "model, verification",
  "rows",
  "shards",
  "raw rows/s",
  "network rows/s",
  "computed rows/s",
  "ratio",
  "min-max",
  "upload ms",
];

export function renderThroughput(reports: readonly ThroughputReport[]): string {
  const rows = reports.map((report) => [
    `${report.model}, ${report.verification}`,
    formatNumber(report.rows),
    formatNumber(report.shards),
    formatNumber(report.raw_rows_per_second),
    formatNumber(report.network_rows_per_second),
    formatNumber(report.computed_rows_per_second),
    report.ratio.toFixed(2),
    `${report.ratio_min.toFixed(2)}-${report.ratio_max.toFixed(2)}`,
    formatNumber(report.upload_ms),
  ]);
  return `${renderTable(HEADER, rows)}

  from POST /jobs to the result fetched; each ratio is to the raw run before it; medians of ${reports[0]?.rounds ?? 0} rounds`;
}
