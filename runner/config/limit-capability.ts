import type { Capability } from "@infernet/schemas/runner";

/** What the owner gives of the machine. Shares lie between 0 and 1. */
export interface MachineLimits {
  /** Cores that all models together may use. */
  cores?: number;
  /** Threads of one model. */
  threads?: number;
  memory_share?: number;
  vram_share?: number;
  upload_bytes_per_second?: number;
}

/** What a machine offers when its owner keeps a part of it. */
export function limitCapability(capability: Capability, limits: MachineLimits): Capability {
  const { cores = capability.cpu_cores, memory_share = 1, vram_share = 1 } = limits;
  return {
    ...capability,
    cpu_cores: Math.min(capability.cpu_cores, cores),
    memory_bytes: Math.max(1, Math.floor(capability.memory_bytes * memory_share)),
    gpus: capability.gpus.map((gpu) => ({ ...gpu, vram_bytes: Math.floor(gpu.vram_bytes * vram_share) })),
  };
}

/**
 * Shards that may run at once, so that their threads are no more than the cores; undefined where the owner sets no limit, and
 * each model runs as it comes.
 */
export function runningMax({ cores, threads }: MachineLimits): number | undefined {
  if (cores === undefined) return undefined;
  return Math.max(1, Math.floor(cores / (threads ?? cores)));
}
