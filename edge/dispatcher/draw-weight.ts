import { believedCores } from "@infernet/protocol/challenge/believed-cores";
import type { Capability } from "@infernet/schemas/runner";

/** A GPU does as much as this many doublings of a machine's cores. */
const GPU_DOUBLINGS = 4;

/**
 * How often a machine is drawn to check others, compared with one core's 1: by what it claims, as far as that is believed.
 * Cores count no further than they were measured. What GPUs do cannot be measured without running on them: they count
 * once the machine has been measured at all, and at most double what its cores come to. It counts doublings, so that
 * what is left of a lie is small.
 * @param measured cores, by a challenge; null where there was none
 */
export function drawWeight(
  { cpu_cores, gpus }: Pick<Capability, "cpu_cores" | "gpus">,
  measured: number | null,
): number {
  const cores = 1 + Math.floor(Math.log2(believedCores(cpu_cores, measured)));
  if (gpus.length === 0 || measured === null) return cores;
  return cores + Math.min(cores, GPU_DOUBLINGS + Math.floor(Math.log2(gpus.length)));
}
