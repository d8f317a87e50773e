import type { Need } from "@infernet/protocol/match";
import type { JobRecord } from "@infernet/schemas/job-record";

/** What a runner must be able to do to take a job's shards. */
export function needOf(record: Pick<JobRecord, "engine" | "memory_bytes" | "requirements">): Need {
  const { execution_provider, memory_bytes_min } = record.requirements;
  return {
    engine: record.engine,
    format: record.engine,
    memory_bytes: Math.max(record.memory_bytes, memory_bytes_min ?? 0),
    ...(execution_provider ? { execution_provider } : {}),
  };
}
