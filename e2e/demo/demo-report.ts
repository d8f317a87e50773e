import type { RunnerId } from "@infernet/schemas/ids";
import type { Job, JobProvider } from "@infernet/schemas/job";
import type { Verdict } from "@infernet/schemas/job-fact";

/** What one runner did for the job. */
export interface ProviderReport {
  id: RunnerId;
  name: string;
  rows: number;
  shards: number;
  /** Shards on which a quorum agreed with it, and on which one outvoted it. */
  shards_agreed: number;
  shards_outvoted: number;
  /** Answers that counted for nothing, because it was caught before a second one came. */
  shards_set_aside: number;
  /** Whether the job stopped giving it work because it was outvoted. */
  caught: boolean;
}

/** What `npm run demo -- --json` prints. */
export interface DemoReport {
  job_id: string;
  state: Job["state"];
  /** Share of rows read as labelled; null without labels. */
  accuracy: number | null;
  rows: number;
  shards: number;
  /** From `POST /jobs` to the verified webhook. */
  wall_ms: number;
  price_quoted_micro: string;
  providers: ProviderReport[];
  webhook: { verified: boolean };
}

/** @param verdicts all of the job's */
export function reportProvider(
  provider: JobProvider,
  name: string,
  verdicts: readonly Verdict[],
): ProviderReport {
  const { id, rows_committed, shards_committed, shards_outvoted } = provider;
  const shards_agreed = verdicts.filter(({ agreed }) => agreed.includes(id)).length;
  return {
    id,
    name,
    rows: rows_committed,
    shards: shards_committed,
    shards_agreed,
    shards_outvoted,
    shards_set_aside: shards_committed - shards_agreed - shards_outvoted,
    caught: provider.convicted,
  };
}

/** @returns the share of rows whose label is the one that was read */
export function accuracyOf(read: readonly number[], labels: Uint8Array): number {
  const right = read.filter((label, row) => label === labels[row]).length;
  return right / labels.length;
}
