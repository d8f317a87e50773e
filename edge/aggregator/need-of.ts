import type { Need } from "@infernet/protocol/match";
import type { JobRecord } from "@infernet/schemas/job-record";

/** What a runner must be able to do to take a job's shards, and what they pay. */
export function needOf(
  record: Pick<JobRecord, "engine" | "memory_bytes" | "requirements" | "micro_per_core_hour">,
): Need {
  const { requirements, micro_per_core_hour } = record;
  const { execution_provider, memory_bytes_min, sandbox, vram_bytes_min } = requirements;
  return {
    engine: record.engine,
    format: record.engine,
    memory_bytes: Math.max(record.memory_bytes, memory_bytes_min ?? 0),
    ...(vram_bytes_min === undefined ? {} : { vram_bytes: vram_bytes_min }),
    ...(execution_provider ? { execution_provider } : {}),
    ...(sandbox ? { sandbox } : {}),
    ...(micro_per_core_hour === undefined ? {} : { micro_per_core_hour }),
  };
}
