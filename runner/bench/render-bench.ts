import { renderTable } from "../earnings/render-table.ts";
import { renderBytes } from "../hardware/render-bytes.ts";
import type { BenchReport } from "./bench-command.ts";

/** What was measured, for a person. */
export function renderBench({ cores, memory_bytes_per_s, models, skipped }: BenchReport): string {
  const speed = (cores.iterations_per_s / 1e6).toFixed(1);
  const lines = [
    `cores   ${cores.cores} of ${cores.chains} that the edge would take this machine for (${speed} million steps a second)`,
    `memory  ${renderBytes(memory_bytes_per_s)}/s, copied by one core`,
    "",
  ];
  const rows = models.map((model) => [
    model.names.join(", ") || model.model.slice(0, 12),
    model.execution_class,
    figure(model.rows_per_s),
    figure(model.ms_per_row),
    new Date(model.at_ms).toISOString().slice(0, 19).replace("T", " "),
  ]);
  const head = ["model", "runs as", "rows/s", "ms/row", "measured (UTC)"];
  if (rows.length === 0) lines.push("No model has run here yet.");
  else lines.push(...renderTable([head, ...rows], [2, 3]));
  for (const { names, model, reason } of skipped)
    lines.push(`  ${names.join(", ") || model.slice(0, 12)} was not measured: ${reason}`);
  return `${lines.join("\n")}\n`;
}

/** Three digits that count, or all before the point. */
const figure = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(3)));
