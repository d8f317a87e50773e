import { formatNumber } from "../format-number.ts";
import { renderTable } from "../render-table.ts";
import { WORKER_LIMITS, type WorkerSize } from "./worker-size.ts";

/** The Worker's size against what the platform allows now, and what it allowed before. */
export function renderWorker({ script, upload }: WorkerSize): string {
  const { bytes, former_free_gzip, former_paid_gzip } = WORKER_LIMITS;
  const sizes = renderTable(
    ["the Worker with the rail", "KiB", "KiB compressed"],
    [
      ["index.js", renderKib(script.bytes), renderKib(script.gzip_bytes)],
      ["all that is uploaded", renderKib(upload.bytes), renderKib(upload.gzip_bytes)],
    ],
  );
  return `${sizes}

  ${renderShare(upload.bytes / bytes)} of the 64 MiB that the platform allows on every plan; until September 2026 it counted compressed bytes:
  ${renderShare(upload.gzip_bytes / former_free_gzip)} of the free plan's 3 MB, ${renderShare(upload.gzip_bytes / former_paid_gzip)} of the paid plan's 10 MB`;
}

const renderKib = (bytes: number): string => formatNumber(Math.round(bytes / 1_024));
const renderShare = (share: number): string => `${(share * 100).toFixed(1)} %`;
