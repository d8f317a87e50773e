import { availableParallelism, totalmem } from "node:os";
import type { MicroAmount } from "@infernet/schemas/money";
import type { Capability } from "@infernet/schemas/runner";
import type { Engine } from "../engine/engine.ts";

/**
 * What this machine has, and the engines that answered on it. GPUs are not looked for: no engine here uses one.
 *
 * @param asking the least that an hour of one core must pay, in micro-units
 */
export function describeCapability(engines: readonly Engine[], asking?: MicroAmount): Capability {
  return {
    engines: engines.map(({ offer }) => offer),
    memory_bytes: totalmem(),
    cpu_cores: availableParallelism(),
    gpus: [],
    ...(asking === undefined ? {} : { asking_micro_per_core_hour: asking }),
  };
}
