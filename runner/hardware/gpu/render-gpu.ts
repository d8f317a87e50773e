import type { Gpu } from "@infernet/schemas/runner";
import { renderBytes } from "../render-bytes.ts";

/** Name, memory, and as much of the rest as is known. */
export const renderGpu = ({
  name,
  vram_bytes,
  cuda_cores,
  memory_bandwidth_bytes_per_s,
  driver,
}: Gpu): string =>
  [
    `${name}, ${renderBytes(vram_bytes)}`,
    ...(cuda_cores === undefined ? [] : [`${cuda_cores.toLocaleString("en")} CUDA cores`]),
    ...(memory_bandwidth_bytes_per_s === undefined
      ? []
      : [`${(memory_bandwidth_bytes_per_s / 1e9).toFixed(0)} GB/s`]),
    ...(driver === undefined ? [] : [`driver ${driver}`]),
  ].join(", ");
