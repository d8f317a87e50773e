import { LIMITS } from "@infernet/schemas/limits";
import { machineMemory } from "../hardware/machine/machine-memory.ts";
import { EngineFailure } from "./engine-failure.ts";

/** Of the machine's memory, what one model may take where its owner sets no bound: the system and the runner need the rest. */
const MACHINE_SHARE = 0.9;

const MIB = 1024 ** 2;

/**
 * Most bytes of memory that a model may take: a multiple of what its manifest says that it needs, never more than the
 * machine's owner gives one model. A manifest that says nothing is held to the owner's bound alone.
 *
 * @throws EngineFailure `out_of_memory` when it says that it needs more than it may have
 */
export function memoryCap(needed_bytes: number, limit_bytes: number): number {
  if (needed_bytes > limit_bytes) {
    throw new EngineFailure(
      "out_of_memory",
      `the model needs ${mib(needed_bytes)} MiB of memory; this machine gives one model ${mib(limit_bytes)} MiB`,
    );
  }
  if (needed_bytes === 0) return limit_bytes;
  const allowed = Math.max(LIMITS.engine_memory_bytes_min, needed_bytes * LIMITS.engine_memory_slack);
  return Math.min(limit_bytes, allowed);
}

/** What one model may take where the owner sets no bound: of the machine, or of the container that this is in. */
export function machineMemoryLimit(): number {
  return Math.floor(machineMemory() * MACHINE_SHARE);
}

const mib = (bytes: number): string => Math.ceil(bytes / MIB).toLocaleString("en");
