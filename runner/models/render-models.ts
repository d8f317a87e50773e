import { renderTable } from "../earnings/render-table.ts";
import { renderBytes } from "../hardware/render-bytes.ts";
import type { CacheListing } from "./list-models.ts";

/** What the cache holds, for a person. */
export function renderModels({ models, others, bytes }: CacheListing): string {
  const rows = models.map((model) => [
    model.names.join(", ") || "-",
    model.digest.slice(0, 12),
    model.engine,
    model.bytes_here === model.bytes
      ? renderBytes(model.bytes)
      : `${renderBytes(model.bytes_here)} of ${renderBytes(model.bytes)}`,
    model.used_at?.slice(0, 19).replace("T", " ") ?? "-",
    model.loaded ? "loaded" : "",
  ]);
  const head = ["model", "digest", "engine", "size", "used (UTC)", ""];
  const table = models.length === 0 ? "No model is here." : renderTable([head, ...rows], [3]).join("\n");
  const rest = `${others.blobs} other file${others.blobs === 1 ? "" : "s"}, ${renderBytes(others.bytes)}: inputs of jobs`;
  return `${table}\n\n${rest}\n${renderBytes(bytes)} in all\n`;
}
