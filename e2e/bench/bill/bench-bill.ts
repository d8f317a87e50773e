import type { Verification } from "@infernet/schemas/job";
import { uploadTinyModel } from "../../live/tiny-job.ts";
import { createAccount } from "../../network/account.ts";
import { startWebhookReceiver } from "../../network/webhook-receiver.ts";
import type { BenchContext, BenchResult } from "../bench-part.ts";
import { startNoOpRunner } from "../no-op-runner.ts";
import { PRICES } from "../prices.ts";
import { type Cost, costPerMillion } from "./cost.ts";
import { type BilledWork, measureBill } from "./measure-bill.ts";
import { renderBill } from "./render-bill.ts";
import { startMeteredEdge } from "./start-metered-edge.ts";
import type { Usage } from "./usage.ts";

const SHARDS_PER_JOB = [1, 8, 32, 128];
const RUNNERS = 4;
const LEASES_MAX = 16;

const NONE: Verification = { mode: "none" };
const QUORUM: Verification = { mode: "quorum", replicas: 2 };

/** How the runners hand in: everything of one poll together, or each shard when it is done. */
export type Submissions = "together" | "one by one";

export interface BillReport {
  shards_per_job: number;
  verification: string;
  submissions: Submissions;
  webhook: boolean;
  per_job: Usage & { cpu_ms: number };
  usd_per_million_jobs: Cost;
  usd_per_million_shards: number;
}

/** Exact counts of what the platform bills for a job, and the dollars that follow from its price list. */
export async function benchBill(context: BenchContext): Promise<BenchResult> {
  const reports = [...(await benchFleet(context, "together")), ...(await benchFleet(context, "one by one"))];
  return { report: { prices: PRICES, jobs: reports }, text: renderBill(reports) };
}

async function benchFleet({ cleanup, say }: BenchContext, submissions: Submissions): Promise<BillReport[]> {
  const edge = await startMeteredEdge(cleanup);
  const client = await createAccount(edge, "bench");
  await uploadTinyModel(client);
  const receiver = await startWebhookReceiver();
  cleanup.add(receiver.close);
  const stopping = new AbortController();
  cleanup.add(() => stopping.abort());
  for (let n = 0; n < RUNNERS; n += 1) {
    const one_by_one = submissions === "one by one";
    await startNoOpRunner({ edgeUrl: edge.url, leases_max: LEASES_MAX, one_by_one, signal: stopping.signal });
  }
  const works: BilledWork[] = [NONE, QUORUM].flatMap((verification) =>
    SHARDS_PER_JOB.map((shards) => ({ shards, verification })),
  );
  if (submissions === "together") works.push({ shards: 1, verification: NONE, webhook: receiver.url });
  const reports: BillReport[] = [];
  // The first job makes what later ones find there: objects' tables, the fleet's first events.
  await measureBill(edge, client, { shards: 1, verification: QUORUM });
  for (const work of works) {
    say(`jobs of ${work.shards} shards, ${work.verification.mode}, submitted ${submissions}`);
    const { usage, cpu_ms } = await measureBill(edge, client, work);
    const cost = costPerMillion(usage, cpu_ms);
    reports.push({
      shards_per_job: work.shards,
      verification: work.verification.mode,
      submissions,
      webhook: work.webhook !== undefined,
      per_job: { ...usage, cpu_ms },
      usd_per_million_jobs: cost,
      usd_per_million_shards: cost.total / work.shards,
    });
  }
  await cleanup.run();
  return reports;
}
