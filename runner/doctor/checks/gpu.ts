import { detectGpus, GPU_PLACES, type GpuFindings, hasNvidiaTrace } from "../../hardware/gpu/detect-gpus.ts";
import { locateKoffi } from "../../hardware/gpu/koffi.ts";
import { renderGpu } from "../../hardware/gpu/render-gpu.ts";
import { type Check, type Finding, pass, warn } from "../check.ts";

/** Which GPUs there are, by their drivers. */
export const checkGpu: Check = {
  name: "GPU",
  examine: async ({ home }) =>
    judgeGpus(await detectGpus(GPU_PLACES, async () => locateKoffi(home)), hasNvidiaTrace()),
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
