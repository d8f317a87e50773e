import { LIMITS } from "@infernet/schemas/limits";
import { formatNumber } from "../format-number.ts";
import { OBJECT_GB, PRICES, SECONDS_PER_MONTH } from "../prices.ts";
import { renderTable } from "../render-table.ts";
import type { BillReport } from "./bill-report.ts";
import { OBJECT_MS_PER_REQUEST } from "./cost.ts";

const COUNTS = [
  "job",
  "Worker req",
  "object req",
  "rows written",
  "rows read",
  "D1 written",
  "R2 A",
  "R2 B",
  "CPU ms",
];
const DOLLARS = ["job", "Worker", "objects", "rows", "D1", "R2", "$/M jobs", "$/M shards"];

/** Two tables: what one job uses, and what a million cost. */
export function renderBill(reports: readonly BillReport[]): string {
  const counts = reports.map((report) => {
    const used = report.per_job;
    const { worker_requests, object_requests, rows_written, rows_read, d1_rows_written } = used;
    const figures = [worker_requests, object_requests, rows_written, rows_read, d1_rows_written];
    return [nameOf(report), ...[...figures, used.r2_class_a, used.r2_class_b, used.cpu_ms].map(formatNumber)];
  });
  const dollars = reports.map((report) => {
    const cost = report.usd_per_million_jobs;
    const rows = cost.rows_written + cost.rows_read;
    const figures = [
      cost.worker,
      cost.object_requests + cost.object_time,
      rows,
      cost.d1,
      cost.r2,
      cost.total,
    ];
    return [nameOf(report), ...[...figures, report.usd_per_million_shards].map((usd) => usd.toFixed(2))];
  });
  return [
    `${renderTable(COUNTS, counts)}`,
    `${renderTable(DOLLARS, dollars)}`,
    `  prices of ${PRICES.as_of}; an object is taken to be active ${OBJECT_MS_PER_REQUEST} ms a request; forgetting each job in the end included
  besides, whatever the traffic: ${awakeDollars().toFixed(2)} $ a month for each dispatcher awake, ${idleDollars().toFixed(2)} $ a month for a thousand runners that wait by long-poll`,
  ].join("\n\n");
}

function nameOf({ shards_per_job, verification, submissions, webhook }: BillReport): string {
  const shards = `${shards_per_job} shard${shards_per_job === 1 ? "" : "s"}`;
  return `${shards}, ${verification}, ${webhook ? "with a webhook" : submissions}`;
}

const awakeDollars = (): number => (SECONDS_PER_MONTH * OBJECT_GB * PRICES.object_gb_s) / 1e6;

function idleDollars(): number {
  const polls = (SECONDS_PER_MONTH * 1_000) / LIMITS.poll_wait_ms_max;
  return (1_000 * polls * (PRICES.worker_requests + PRICES.object_requests)) / 1e6;
}
