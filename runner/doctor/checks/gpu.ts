import { detectGpus, type GpuFindings, hasNvidiaTrace } from "../../hardware/gpu/detect-gpus.ts";
import type { FoundGpu } from "../../hardware/gpu/found-gpu.ts";
import { renderBytes } from "../../hardware/render-bytes.ts";
import { type Check, type Finding, pass, warn } from "../check.ts";

/** Which GPUs there are, by their drivers. */
export const checkGpu: Check = {
  name: "GPU",
  examine: async () => judgeGpus(await detectGpus(), hasNvidiaTrace()),
};

/** @param hasNvidia whether something says that a card is there */
export function judgeGpus({ gpus, sources }: GpuFindings, hasNvidia: boolean): Finding {
  const driver = sources.find(({ source }) => source === "NVIDIA driver");
  if (gpus.length > 0) {
    const all = gpus.map(renderGpu).join("; ");
    const isHalf = gpus.some(({ driver, cuda_cores }) => driver !== undefined && cuda_cores === undefined);
    if (!isHalf || driver === undefined || driver.reason === null) return pass(all);
    return warn(
      `${all}; the driver itself says nothing: ${driver.reason}`,
      "Cores and bandwidth are not told then; reinstall the NVIDIA driver.",
    );
  }
  if (hasNvidia)
    return warn(
      `an NVIDIA card is there and its driver does not answer: ${driver?.reason ?? "no reason given"}`,
      "Run `nvidia-smi`; after an update of the driver, start the machine anew.",
    );
  return pass("none found; models run on the CPU");
}

function renderGpu({
  name,
  vram_bytes,
  cuda_cores,
  memory_bandwidth_bytes_per_s: bandwidth,
  driver,
}: FoundGpu): string {
  return [
    `${name}, ${renderBytes(vram_bytes)}`,
    ...(cuda_cores === undefined ? [] : [`${cuda_cores.toLocaleString("en")} CUDA cores`]),
    ...(bandwidth === undefined ? [] : [`${(bandwidth / 1e9).toFixed(0)} GB/s`]),
    ...(driver === undefined ? [] : [`driver ${driver}`]),
  ].join(", ");
}
