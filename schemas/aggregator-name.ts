import { createdMs, type JobId, type Partition, partitionOf } from "./ids.ts";

const DAY_MS = 24 * 3600 * 1000;

/** The day, counted from 1970 in UTC. */
export const dayAt = (unix_ms: number): number => Math.floor(unix_ms / DAY_MS);

/** Of the object that owns the jobs of one partition that are made on the day (UTC) of this moment. */
export const aggregatorNameAt = (partition: Partition, unix_ms: number): string =>
  `${partition}-${dayAt(unix_ms)}`;

/**
 * Of the object that owns a job: both parts are in the job's id, so whoever has the id knows which jobs share an object, and
 * with it the channel that their tokens travel on.
 */
export const aggregatorName = (job: JobId): string => aggregatorNameAt(partitionOf(job), createdMs(job));
