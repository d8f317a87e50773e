import { setTimeout as delay } from "node:timers/promises";
import type { EdgePlatform } from "../../network/edge-process.ts";
import type { BenchContext, BenchResult } from "../bench-part.ts";
import { formatNumber } from "../format-number.ts";
import { LOAD, prepareLoad } from "../jobs/prepare-load.ts";
import { submitUntil } from "../jobs/submit-until.ts";
import { treeUse } from "../process-use.ts";
import { renderTable } from "../render-table.ts";
import { startBenchEdge } from "../start-bench-edge.ts";

const ROUNDS = 2;
const SHARDS = 8;
const WARM_UP_MS = 2_000;
const MEASURE_MS = 6_000;
const MIB = 1024 ** 2;

interface PlatformReport {
  jobs_per_second: number;
  shards_per_second: number;
  cpu_us_per_job: number;
  /** Before the first request, and after the load. */
  resident_mib_idle: number;
  resident_mib: number;
}

/** The same control plane under the same load, on workerd and on Node, in turns. */
export async function benchAggregate(context: BenchContext): Promise<BenchResult> {
  const rounds: Record<EdgePlatform, PlatformReport[]> = { workerd: [], node: [] };
  for (let round = 1; round <= ROUNDS; round += 1)
    for (const platform of ["workerd", "node"] as const) {
      context.say(`${platform}, round ${round} of ${ROUNDS}: jobs of ${SHARDS} shards`);
      rounds[platform].push(await measurePlatform(context, platform));
    }
  const report = { workerd: meanOf(rounds.workerd), node: meanOf(rounds.node) };
  const text = renderTable(
    ["aggregator on", "jobs/s", "shards/s", "CPU µs/job", "MiB idle", "MiB under load"],
    Object.entries(report).map(([name, means]) => [name, ...Object.values(means).map(formatNumber)]),
  );
  return {
    report,
    text: `${text}\n\n  jobs of ${SHARDS} shards from ${LOAD.accounts} accounts, ${LOAD.runners} runners that answer at once; memory of all processes of the aggregator`,
  };
}

async function measurePlatform({ cleanup }: BenchContext, platform: EdgePlatform): Promise<PlatformReport> {
  const { edge } = await startBenchEdge({ cleanup }, platform);
  const { pid } = edge.program;
  const idle = treeUse(pid).resident_bytes;
  const clients = await prepareLoad(edge, { cleanup });
  const load = submitUntil(clients, SHARDS);
  await delay(WARM_UP_MS);
  const before = { at: performance.now(), jobs: load.jobsDone(), cpu: treeUse(pid).cpu_ms };
  await delay(MEASURE_MS);
  const seconds = (performance.now() - before.at) / 1_000;
  const jobs = load.jobsDone() - before.jobs;
  const { cpu_ms, resident_bytes } = treeUse(pid);
  await load.stop();
  await cleanup.run();
  return {
    jobs_per_second: jobs / seconds,
    shards_per_second: (jobs * SHARDS) / seconds,
    cpu_us_per_job: ((cpu_ms - before.cpu) * 1_000) / jobs,
    resident_mib_idle: idle / MIB,
    resident_mib: resident_bytes / MIB,
  };
}

function meanOf(reports: readonly PlatformReport[]): PlatformReport {
  const mean = (pick: (report: PlatformReport) => number): number =>
    reports.reduce((sum, report) => sum + pick(report), 0) / reports.length;
  return {
    jobs_per_second: mean((one) => one.jobs_per_second),
    shards_per_second: mean((one) => one.shards_per_second),
    cpu_us_per_job: mean((one) => one.cpu_us_per_job),
    resident_mib_idle: mean((one) => one.resident_mib_idle),
    resident_mib: mean((one) => one.resident_mib),
  };
}
