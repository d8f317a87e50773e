import type { RunnerId } from "@infernet/schemas/ids";
import type { Job, JobProvider } from "@infernet/schemas/job";

/** What one runner did for the job. */
export interface ProviderReport {
  id: RunnerId;
  name: string;
  rows: number;
  shards: number;
  /** Shards on which the quorum agreed with it, and on which it was outvoted. */
  shards_agreed: number;
  shards_outvoted: number;
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

export function reportProvider(provider: JobProvider, name: string): ProviderReport {
  return {
    id: provider.id,
    name,
    rows: provider.rows_committed,
    shards: provider.shards_committed,
    shards_agreed: provider.shards_committed - provider.shards_outvoted,
    shards_outvoted: provider.shards_outvoted,
    caught: provider.convicted,
  };
}

/** @returns the share of rows whose label is the one that was read */
export function accuracyOf(read: readonly number[], labels: Uint8Array): number {
  const right = read.filter((label, row) => label === labels[row]).length;
  return right / labels.length;
}
