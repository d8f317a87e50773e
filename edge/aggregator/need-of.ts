import type { Need } from "@infernet/protocol/match";
import type { RunnerId } from "@infernet/schemas/ids";
import type { JobRecord } from "@infernet/schemas/job-record";
import type { OpenJob } from "./open-job.ts";

/** What a runner must be, and be able to do, to take part in a job. */
export const needOfJob = ({ record, progress }: Pick<OpenJob, "record" | "progress">): Need =>
  needOf(record, progress.keys && [...progress.keys.keys()]);

/**
 * What a runner must be able to do to take a job's shards, and what they pay.
 *
 * @param granted who can open a sealed job; null where everybody can
 */
export function needOf(
  record: Pick<JobRecord, "engine" | "format" | "memory_bytes" | "requirements" | "micro_per_core_hour">,
  granted: readonly RunnerId[] | null,
): Need {
  const { requirements, micro_per_core_hour } = record;
  const { execution_class, execution_provider, memory_bytes_min, regions, sandbox, vram_bytes_min } =
    requirements;
  const { providers_only, providers_ignored } = requirements;
  const chosen = chooseAmong(granted, providers_only ?? null);
  return {
    engine: record.engine,
    format: record.format ?? record.engine,
    memory_bytes: Math.max(record.memory_bytes, memory_bytes_min ?? 0),
    ...(vram_bytes_min === undefined ? {} : { vram_bytes: vram_bytes_min }),
    ...(execution_provider ? { execution_provider } : {}),
    ...(sandbox ? { sandbox } : {}),
    ...(micro_per_core_hour === undefined ? {} : { micro_per_core_hour }),
    ...(regions ? { regions } : {}),
    ...(execution_class ? { execution_class } : {}),
    ...(chosen === null ? {} : { granted: chosen }),
    ...(providers_ignored ? { ignored: providers_ignored } : {}),
  };
}

/** Those in both lists; a list that is null has everybody. */
function chooseAmong(
  a: readonly RunnerId[] | null,
  b: readonly RunnerId[] | null,
): readonly RunnerId[] | null {
  if (a === null || b === null) return a ?? b;
  return a.filter((id) => b.includes(id));
}
