import type { MicroAmount } from "@infernet/schemas/money";
import type { Capability } from "@infernet/schemas/runner";
import { type AnyEngine, isOffered } from "../engine/engine.ts";
import type { FoundGpu } from "./gpu/found-gpu.ts";
import { detectMachine } from "./machine/detect-machine.ts";
import { rememberBandwidth } from "./network/bandwidth-file.ts";
import { rememberGpus } from "./remember-gpus.ts";

/**
 * What this machine has, and the engines that answered on it: from drivers, or from what was found before and is
 * remembered in `home`.
 *
 * @param edge whose bandwidth is told, where it was measured
 * @param asking the least that an hour of one core must pay, in micro-units
 */
export async function describeCapability(
  engines: readonly Pick<AnyEngine, "offer">[],
  { home, edge, asking }: { home: string; edge: string; asking?: MicroAmount | undefined },
): Promise<Capability> {
  const now_ms = Date.now();
  const [machine, gpus, network] = await Promise.all([
    detectMachine(home),
    rememberGpus(home, now_ms),
    rememberBandwidth(home, edge),
  ]);
  const { cpu_cores, memory_bytes, cpu_model, disk_free_bytes } = machine;
  return {
    engines: engines.filter(isOffered).map(({ offer }) => offer),
    memory_bytes,
    cpu_cores,
    gpus: gpus.map(withoutId),
    ...(cpu_model === null ? {} : { cpu_model }),
    ...(disk_free_bytes === null ? {} : { disk_free_bytes }),
    ...(network === null ? {} : { network }),
    ...(asking === undefined ? {} : { asking_micro_per_core_hour: asking }),
  };
}

/** What names one piece of hardware in the world is nobody's business. */
function withoutId({ uuid: _, ...gpu }: FoundGpu): Capability["gpus"][number] {
  return gpu;
}
