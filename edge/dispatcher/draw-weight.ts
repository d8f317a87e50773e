import type { Capability } from "@infernet/schemas/runner";

/** A GPU does as much as this many doublings of a machine's cores. */
const GPU_DOUBLINGS = 4;

/**
 * How often a machine is drawn to check others, compared with one core's 1: by capability alone, so that whoever is
 * passed over can prove it. It counts doublings, because a capability is only a claim: a lie by a factor of a thousand
 * is drawn ten times as often, not a thousand times.
 */
export function drawWeight({ cpu_cores, gpus }: Pick<Capability, "cpu_cores" | "gpus">): number {
  const cores = 1 + Math.floor(Math.log2(cpu_cores));
  return gpus.length === 0 ? cores : cores + GPU_DOUBLINGS + Math.floor(Math.log2(gpus.length));
}
