import { availableParallelism, totalmem } from "node:os";
import type { Capability } from "@infernet/schemas/runner";
import type { Engine } from "../engine/engine.ts";

/** What this machine has, and the engines that answered on it. GPUs are not looked for: no engine here uses one. */
export function describeCapability(engines: readonly Engine[]): Capability {
  return {
    engines: engines.map(({ offer }) => offer),
    memory_bytes: totalmem(),
    cpu_cores: availableParallelism(),
    gpus: [],
  };
}
