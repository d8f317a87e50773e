import { setTimeout as delay } from "node:timers/promises";
import type { ApiClient } from "../../network/api-client.ts";
import type { BenchContext, BenchResult } from "../bench-part.ts";
import { formatNumber } from "../format-number.ts";
import { treeCpuMs } from "../process-use.ts";
import { renderTable } from "../render-table.ts";
import { startBenchEdge } from "../start-bench-edge.ts";
import { LOAD, prepareLoad } from "./prepare-load.ts";
import { submitUntil } from "./submit-until.ts";

const SHARDS_PER_JOB = [1, 8, 32, 128];
const WARM_UP_MS = 2_000;
const MEASURE_MS = 6_000;

interface JobsReport {
  shards_per_job: number;
  jobs_per_second: number;
  shards_per_second: number;
  edge_cpu_us_per_job: number;
  edge_cpu_us_per_shard: number;
  /** Share of one core that the edge had. */
  edge_cores: number;
}

/** The control plane alone: runners that answer at once, over the real HTTP interface. */
export async function benchJobs({ cleanup, say }: BenchContext): Promise<BenchResult> {
  const { edge } = await startBenchEdge({ cleanup });
  const clients = await prepareLoad(edge, { cleanup });
  const reports: JobsReport[] = [];
  for (const shards of SHARDS_PER_JOB) {
    say(`jobs of ${shards} shards for ${MEASURE_MS / 1_000} s`);
    reports.push(await measureJobs(clients, edge.program.pid, shards));
  }
  await cleanup.run();
  const text = renderTable(
    ["shards a job", "jobs/s", "shards/s", "edge CPU µs/job", "edge CPU µs/shard", "edge cores"],
    reports.map((report) => Object.values(report).map(formatNumber)),
  );
  return {
    report: reports,
    text: `${text}\n\n  ${LOAD.runners} runners that answer at once, up to ${LOAD.leases_max} leases a poll`,
  };
}

async function measureJobs(
  clients: readonly ApiClient[],
  edgePid: number,
  shards: number,
): Promise<JobsReport> {
  const load = submitUntil(clients, shards);
  await delay(WARM_UP_MS);
  const before = { at: performance.now(), jobs: load.jobsDone(), cpu: treeCpuMs(edgePid) };
  await delay(MEASURE_MS);
  const seconds = (performance.now() - before.at) / 1_000;
  const jobs = load.jobsDone() - before.jobs;
  const cpu_ms = treeCpuMs(edgePid) - before.cpu;
  await load.stop();
  return {
    shards_per_job: shards,
    jobs_per_second: jobs / seconds,
    shards_per_second: (jobs * shards) / seconds,
    edge_cpu_us_per_job: (cpu_ms * 1_000) / jobs,
    edge_cpu_us_per_shard: (cpu_ms * 1_000) / (jobs * shards),
    edge_cores: cpu_ms / 1_000 / seconds,
  };
}
