import { type Partition, partitionOf } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { tinyJob } from "../live/tiny-job.ts";
import type { ApiClient } from "../network/api-client.ts";

const AT_ONCE = 16;

/**
 * Small jobs until every partition has had one: its first job makes its tables, which is written once and not again.
 * @returns all partitions
 */
export async function warmPartitions(client: ApiClient): Promise<Set<Partition>> {
  const seen = new Set<Partition>();
  while (seen.size < LIMITS.partitions) {
    const jobs = Array.from({ length: AT_ONCE }, () => client.createJob(tinyJob(1), { Prefer: "wait=60" }));
    for (const { id } of await Promise.all(jobs)) seen.add(partitionOf(id));
  }
  return seen;
}
