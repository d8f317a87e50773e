import type { Cost } from "./cost.ts";
import type { Usage } from "./usage.ts";

/** How the runners hand in: everything of one poll together, or each shard when it is done. */
export type Submissions = "together" | "one by one";

export interface BillReport {
  shards_per_job: number;
  verification: string;
  submissions: Submissions;
  webhook: boolean;
  per_job: Usage & { cpu_ms: number };
  /** As counted, for all jobs, by `kind by`. */
  metered: Record<string, number>;
  usd_per_million_jobs: Cost;
  usd_per_million_shards: number;
}
