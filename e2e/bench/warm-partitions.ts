import { type JobId, partitionOf } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { tinyJob } from "../live/tiny-job.ts";
import type { ApiClient } from "../network/api-client.ts";

const AT_ONCE = 16;

/**
 * Small jobs until every partition has had one: its first job of a day makes the tables, which is written once and not
 * again.
 */
export async function warmPartitions(client: ApiClient): Promise<JobId[]> {
  const seen = new Set<string>();
  const made: JobId[] = [];
  while (seen.size < LIMITS.partitions) {
    const jobs = Array.from({ length: AT_ONCE }, () => client.createJob(tinyJob(1), { Prefer: "wait=60" }));
    for (const { id } of await Promise.all(jobs)) {
      seen.add(partitionOf(id));
      made.push(id);
    }
  }
  return made;
}
