import type { RunnerId } from "@infernet/schemas/ids";
import type { Job, JobProvider } from "@infernet/schemas/job";
import type { Provider } from "@infernet/schemas/provider";
import type { DemoPayment } from "./settle-up.ts";

/** What one runner did for the job. */
export interface ProviderReport {
  id: RunnerId;
  name: string;
  rows: number;
  shards: number;
  /** Checks of its answers that agreed, and checks that it made of others'. */
  audits_passed: number;
  audits_made: number;
  /** Whether it was found wrong: the job stopped giving it work, and nothing that it answered counts. */
  caught: boolean;
  /** Of the work so far: not releasable yet, and taken back for good. */
  held_micro: string;
  taken_back_micro: string;
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
  price: Job["price"];
  verification: Job["verification"];
  providers: ProviderReport[];
  /** Who was found wrong, on which shard, and by whose run. */
  caught: { name: string; shard: number; as: "answer" | "check"; referees: string[] }[];
  /** What became of the job before, in which the one who was caught had earned. */
  earlier: { job_id: string; recall: string | null };
  webhook: { verified: boolean };
  receipt: { file: string; verified: boolean; said: string };
  /** What the chain says, before the jobs and after everybody was paid; null until then. */
  money: MoneyReport | null;
}

export interface MoneyReport {
  escrow: string;
  /** The transaction that opened it. */
  opened: string;
  balances: { who: string; before_micro: string; after_micro: string }[];
  payments: DemoPayment[];
}

export function reportProvider(provider: JobProvider, name: string, ledger: Provider): ProviderReport {
  const { id, rows_committed, shards_committed, audits_passed, audits_made, convicted } = provider;
  const { held_micro, taken_back_micro } = ledger.reputation.earned;
  return {
    id,
    name,
    rows: rows_committed,
    shards: shards_committed,
    audits_passed,
    audits_made,
    caught: convicted,
    held_micro,
    taken_back_micro,
  };
}

/** @returns the share of rows whose label is the one that was read */
export function accuracyOf(read: readonly number[], labels: Uint8Array): number {
  const right = read.filter((label, row) => label === labels[row]).length;
  return right / labels.length;
}
