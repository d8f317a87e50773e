import { formatNumber } from "../format-number.ts";
import { renderTable } from "../render-table.ts";
import type { WasmReport } from "./bench-wasm.ts";

const PAGE_KIB = 64;

export function renderWasm({ kernels, instances, engine }: WasmReport): string {
  const ofKernels = renderTable(
    ["one row", "fuel", "ms", "metered ms", "ratio", "fuel/s, metered"],
    kernels.map(({ name, fuel, plain_ms, metered_ms, ratio }) => [
      name,
      formatNumber(fuel),
      formatNumber(plain_ms),
      formatNumber(metered_ms),
      ratio.toFixed(2),
      `${formatNumber(fuel / metered_ms / 1e6)} x 10^9`,
    ]),
  );
  const ofInstances = renderTable(
    ["a row of 12 bytes copied, by the module's memory", "set back µs", "made anew µs"],
    instances.map(({ pages, restored_us, renewed_us }) => [
      `${formatNumber(pages * PAGE_KIB)} KiB`,
      formatNumber(restored_us),
      formatNumber(renewed_us),
    ]),
  );
  return `${ofKernels}

${ofInstances}

  the fastest of 15 rounds, metered and not by turns; in a child process: ${formatNumber(engine.load_ms)} ms to load a model, ${formatNumber(engine.row_us)} µs a row in shards of ${engine.shard_rows}`;
}
