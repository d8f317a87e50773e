import { uploadTinyModel } from "../../live/tiny-job.ts";
import { createAccount } from "../../network/account.ts";
import { startWebhookReceiver } from "../../network/webhook-receiver.ts";
import type { BenchContext, BenchResult } from "../bench-part.ts";
import { startNoOpRunner } from "../no-op-runner.ts";
import { PRICES } from "../prices.ts";
import { warmPartitions } from "../warm-partitions.ts";
import type { BillReport, Submissions } from "./bill-report.ts";
import { costPerMillion } from "./cost.ts";
import { type Bill, type BilledWork, measureBill } from "./measure-bill.ts";
import { measureForgetting } from "./measure-forgetting.ts";
import { renderBill } from "./render-bill.ts";
import { startMeteredEdge } from "./start-metered-edge.ts";
import { addUsage } from "./usage.ts";

const SHARDS_PER_JOB = [1, 8, 32, 128];
const RUNNERS = 4;
const LEASES_MAX = 16;

const NONE: BilledWork["verification"] = { mode: "none" };
const AUDIT: BilledWork["verification"] = { mode: "audit", auditors: 1, rows_share: 0.1 };

/** Exact counts of what the platform bills for a job, and the dollars that follow from its price list. */
export async function benchBill({ cleanup, say }: BenchContext): Promise<BenchResult> {
  const edge = await startMeteredEdge(cleanup);
  const client = await createAccount(edge, "bench");
  await uploadTinyModel(client);
  const receiver = await startWebhookReceiver();
  cleanup.add(receiver.close);
  const stopping = new AbortController();
  cleanup.add(() => stopping.abort());
  let submissions: Submissions = "together";
  for (let n = 0; n < RUNNERS; n += 1) {
    const isOneByOne = () => submissions === "one by one";
    await startNoOpRunner({ edgeUrl: edge.url, leases_max: LEASES_MAX, isOneByOne, signal: stopping.signal });
  }
  say("making every partition's tables");
  const jobs = await warmPartitions(client);
  const bills: { work: Work; bill: Bill }[] = [];
  for (const work of listWorks(receiver.url)) {
    say(`jobs of ${work.shards} shards, ${work.verification.mode}, submitted ${work.submissions}`);
    submissions = work.submissions;
    const bill = await measureBill(edge, client, work);
    jobs.push(...bill.ids);
    bills.push({ work, bill });
  }
  say("forgetting all of them");
  const forgetting = await measureForgetting(edge, jobs);
  const reports = bills.map(({ work, bill }) =>
    reportBill(work, { ...bill, usage: addUsage(bill.usage, forgetting) }),
  );
  await cleanup.run();
  return { report: { prices: PRICES, jobs: reports }, text: renderBill(reports) };
}

interface Work extends BilledWork {
  submissions: Submissions;
}

function listWorks(webhook: string): Work[] {
  const works = (["together", "one by one"] as const).flatMap((submissions) =>
    [NONE, AUDIT].flatMap((verification) =>
      SHARDS_PER_JOB.map((shards): Work => ({ shards, verification, submissions })),
    ),
  );
  return [...works, { shards: 1, verification: NONE, submissions: "together", webhook }];
}

function reportBill(work: Work, { usage, cpu_ms, metered }: Bill): BillReport {
  const cost = costPerMillion(usage, cpu_ms);
  return {
    shards_per_job: work.shards,
    verification: work.verification.mode,
    submissions: work.submissions,
    webhook: work.webhook !== undefined,
    per_job: { ...usage, cpu_ms },
    metered,
    usd_per_million_jobs: cost,
    usd_per_million_shards: cost.total / work.shards,
  };
}
