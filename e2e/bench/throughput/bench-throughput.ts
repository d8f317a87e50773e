import { join } from "node:path";
import type { Verification } from "@infernet/schemas/verification";
import { createAccount } from "../../network/account.ts";
import type { ApiClient } from "../../network/api-client.ts";
import { startRunner } from "../../network/runner-process.ts";
import { stopAll } from "../../network/stop-all.ts";
import { uploadModel } from "../../network/upload-model.ts";
import type { BenchContext, BenchResult } from "../bench-part.ts";
import { formatNumber } from "../format-number.ts";
import { startBenchEdge } from "../start-bench-edge.ts";
import { runOnNetwork } from "./network-run.ts";
import { type RawEngines, startRawEngines } from "./raw-engines.ts";
import { renderThroughput } from "./render-throughput.ts";
import { type Round, summarizeRounds, type ThroughputReport } from "./throughput-report.ts";
import { WORKLOADS, type Workload } from "./workload.ts";

const RUNNERS = 2;
const ROUNDS = 5;

const MODES: { label: string; verification: Verification }[] = [
  { label: "none", verification: { mode: "none" } },
  { label: "one audit of a tenth", verification: { mode: "audit", auditors: 1, rows_share: 0.1 } },
  { label: "quorum of 2", verification: { mode: "quorum", replicas: 2 } },
];

/**
 * Two runners with one engine thread each against two bare processes with one thread each, by turns on the same cores.
 * Every network run is held against the raw run just before it.
 */
export async function benchThroughput(context: BenchContext): Promise<BenchResult> {
  const reports: ThroughputReport[] = [];
  for (const createWorkload of WORKLOADS) reports.push(...(await benchWorkload(context, createWorkload())));
  return { report: reports, text: renderThroughput(reports) };
}

async function benchWorkload(
  { cleanup, say }: BenchContext,
  workload: Workload,
): Promise<ThroughputReport[]> {
  const { name } = workload.model;
  const { edge, folder } = await startBenchEdge({ cleanup });
  const client = await createAccount(edge, "bench");
  await uploadModel(client, workload.model);
  for (let n = 0; n < RUNNERS; n += 1) {
    const runner = await startRunner({
      edgeUrl: edge.url,
      name: `runner-${n}`,
      folder: join(folder, "runners"),
    });
    cleanup.add(() => stopAll([runner.program]));
  }
  const raw = await startRawEngines(workload, RUNNERS, folder, cleanup);
  say(`${name}: warming up`);
  let runs = 0;
  for (const { verification } of MODES) await runOnNetwork(client, workload, verification, ++runs);
  await raw.run();
  const rounds = new Map<string, Round[]>();
  for (let n = 1; n <= ROUNDS; n += 1) {
    for (const { label, verification } of MODES) {
      const round = await runRound(raw, client, workload, verification, ++runs);
      rounds.set(label, [...(rounds.get(label) ?? []), round]);
      const rate = (workload.rows * 1_000) / round.job_ms;
      say(
        `${name}, ${label}, round ${n} of ${ROUNDS}: ${formatNumber(rate)} rows/s of ${formatNumber(round.raw_rows_per_second)}`,
      );
    }
  }
  await cleanup.run();
  return [...rounds].map(([label, measured]) => summarizeRounds(workload, label, measured));
}

async function runRound(
  raw: RawEngines,
  client: ApiClient,
  workload: Workload,
  verification: Verification,
  n: number,
): Promise<Round> {
  const raw_rows_per_second = await raw.run();
  return { raw_rows_per_second, ...(await runOnNetwork(client, workload, verification, n)) };
}
