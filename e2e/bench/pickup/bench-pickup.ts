import { uploadTinyModel } from "../../live/tiny-job.ts";
import { createAccount } from "../../network/account.ts";
import type { BenchContext, BenchResult } from "../bench-part.ts";
import { formatNumber } from "../format-number.ts";
import { startNoOpRunner } from "../no-op-runner.ts";
import { quantile } from "../quantile.ts";
import { renderTable } from "../render-table.ts";
import { startBenchEdge } from "../start-bench-edge.ts";
import { warmPartitions } from "../warm-partitions.ts";
import { LeaseWatch, measurePickup } from "./measure-pickup.ts";

const PARKED = [1, 100, 1_000];
const SAMPLES = 400;
const WARM_UP = 20;
/** Runners that register at the same time: the edge makes an object for each. */
const REGISTERING = 20;

interface PickupReport {
  parked: number;
  samples: number;
  p50_ms: number;
  p99_ms: number;
  max_ms: number;
}

/** From `POST /jobs` sent to the lease arriving at a parked runner, for fleets of several sizes. */
export async function benchPickup(context: BenchContext): Promise<BenchResult> {
  const reports: PickupReport[] = [];
  for (const parked of PARKED) reports.push(await benchFleet(context, parked));
  const text = renderTable(
    ["parked runners", "jobs", "p50 ms", "p99 ms", "max ms"],
    reports.map(({ parked, samples, p50_ms, p99_ms, max_ms }) =>
      [parked, samples, p50_ms, p99_ms, max_ms].map(formatNumber),
    ),
  );
  return { report: reports, text };
}

async function benchFleet({ cleanup, say }: BenchContext, parked: number): Promise<PickupReport> {
  const { edge } = await startBenchEdge({ cleanup });
  const client = await createAccount(edge, "bench");
  await uploadTinyModel(client);
  const watch = new LeaseWatch();
  const stopping = new AbortController();
  cleanup.add(() => stopping.abort());
  say(`parking ${parked} runners`);
  for (let n = 0; n < parked; n += REGISTERING) {
    const starting = Array.from({ length: Math.min(REGISTERING, parked - n) }, () =>
      startNoOpRunner({ edgeUrl: edge.url, leases_max: 1, signal: stopping.signal, onLeases: watch.note }),
    );
    await Promise.all(starting);
  }
  await warmPartitions(client);
  await measurePickup(client, watch, WARM_UP);
  say(`${SAMPLES} jobs of one row, one at a time`);
  const latencies = await measurePickup(client, watch, SAMPLES);
  await cleanup.run();
  return {
    parked,
    samples: latencies.length,
    p50_ms: quantile(latencies, 0.5),
    p99_ms: quantile(latencies, 0.99),
    max_ms: quantile(latencies, 1),
  };
}
