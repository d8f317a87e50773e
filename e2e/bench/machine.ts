import { arch, availableParallelism, cpus, platform, totalmem } from "node:os";

export interface Machine {
  cpu: string;
  arch: string;
  platform: string;
  cores: number;
  memory_bytes: number;
  node: string;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown CPU",
    arch: arch(),
    platform: platform(),
    cores: availableParallelism(),
    memory_bytes: totalmem(),
    node: process.versions.node,
  };
}
