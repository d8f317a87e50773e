import type { DemandEntry } from "@infernet/schemas/demand";
import type { Sha256 } from "@infernet/schemas/digest";
import type { JobId } from "@infernet/schemas/ids";
import type { ModelName } from "@infernet/schemas/model";
import type { MicroAmount } from "@infernet/schemas/money";
import type { Need } from "./match.ts";

/** A job that has shards for runners, as one dispatcher knows it. */
export interface WaitingJob {
  job_id: JobId;
  model: { digest: Sha256; name: ModelName | null };
  need: Need;
  ready: number;
  /** Whether the machine that asks got nothing from it. */
  isDeclined: boolean;
}

/**
 * Sums up by model and need what waits, the most first. A job that several dispatchers know counts once, with the most
 * that one of them knows of.
 */
export function summarizeDemand(waiting: Iterable<WaitingJob>): DemandEntry[] {
  const jobs = new Map<JobId, WaitingJob>();
  for (const job of waiting) {
    const known = jobs.get(job.job_id);
    if (known === undefined) jobs.set(job.job_id, job);
    else if (known.ready < job.ready || job.isDeclined)
      jobs.set(job.job_id, {
        ...job,
        ready: Math.max(known.ready, job.ready),
        isDeclined: known.isDeclined || job.isDeclined,
      });
  }
  const groups = new Map<string, DemandEntry>();
  for (const job of jobs.values()) {
    if (job.ready <= 0) continue;
    // To whom a client has granted a sealed job is nobody else's business.
    const { micro_per_core_hour: pays, granted: _, ...need } = job.need;
    const key = JSON.stringify([job.model.digest, Object.entries(need).toSorted()]);
    groups.set(key, addJob(groups.get(key) ?? emptyEntry(job, need), job, pays));
  }
  return [...groups.values()].sort((a, b) => b.shards_waiting - a.shards_waiting);
}

function emptyEntry({ model }: WaitingJob, need: DemandEntry["need"]): DemandEntry {
  return {
    model: model.digest,
    name: model.name,
    need,
    jobs: 0,
    shards_waiting: 0,
    shards_declined: 0,
    pays_micro_per_core_hour: null,
  };
}

function addJob(entry: DemandEntry, job: WaitingJob, pays: MicroAmount | undefined): DemandEntry {
  return {
    ...entry,
    name: entry.name ?? job.model.name,
    jobs: entry.jobs + 1,
    shards_waiting: entry.shards_waiting + job.ready,
    shards_declined: entry.shards_declined + (job.isDeclined ? job.ready : 0),
    pays_micro_per_core_hour: widen(entry.pays_micro_per_core_hour, pays),
  };
}

function widen(
  range: DemandEntry["pays_micro_per_core_hour"],
  pays: MicroAmount | undefined,
): DemandEntry["pays_micro_per_core_hour"] {
  if (pays === undefined) return range;
  if (range === null) return { min: pays, max: pays };
  return {
    min: BigInt(pays) < BigInt(range.min) ? pays : range.min,
    max: BigInt(pays) > BigInt(range.max) ? pays : range.max,
  };
}
