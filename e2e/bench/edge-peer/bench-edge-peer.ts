import { fileURLToPath } from "node:url";
import type { BenchContext, BenchResult } from "../bench-part.ts";
import { formatNumber } from "../format-number.ts";
import { OBJECT_GB, PRICES } from "../prices.ts";
import { renderTable } from "../render-table.ts";
import { bundleWorker } from "./bundle-worker.ts";
import { measureEdgePeer, type StepReport } from "./measure-edge-peer.ts";
import { startNetwork } from "./start-network.ts";
import { startWorker } from "./start-worker.ts";

const WORKER = fileURLToPath(new URL("worker.ts", import.meta.url));
const NODES = 12;
const HOUR_S = 3_600;
const MIB = 1024 ** 2;

/** What it would cost the edge to be a peer: a Durable Object with libp2p as a client, against a network of real nodes. */
export async function benchEdgePeer(context: BenchContext): Promise<BenchResult> {
  const { code, bytes, gzip_bytes } = await bundleWorker(WORKER);
  context.say(`${NODES} nodes find each other`);
  const network = await startNetwork(NODES, context);
  const worker = await startWorker(code, context);
  const measured = await measureEdgePeer(worker, network, context.say);

  const woken_s = seconds(measured.steps, ["create", "dial", "first get", "find"]);
  const dollars_per_hour_awake = dollars(HOUR_S);
  const report = {
    nodes: NODES,
    bundle: { bytes, gzip_bytes },
    ...measured,
    woken_s,
    dollars_per_hour_awake,
    dollars_per_million_woken: dollars(woken_s) * 1e6,
    /** Above so many questions in an hour it is cheaper to stay awake. */
    questions_per_hour_even: HOUR_S / woken_s,
  };
  const steps = renderTable(
    ["step", "times", "wall ms", "worst", "CPU ms of workerd"],
    measured.steps.map(({ name, times, median_ms, worst_ms, cpu_ms }) => [
      name,
      String(times),
      ...[median_ms, worst_ms, cpu_ms].map(formatNumber),
    ]),
  );
  const { idle_bytes, open_bytes, asked_bytes, after_idle, after_stop } = measured;
  const nameOf = (isSame: boolean): string => (isSame ? "the same object" : "another object");
  const text = `${steps}

  bundle ${formatNumber(bytes / 1024)} KiB, ${formatNumber(gzip_bytes / 1024)} KiB with gzip
  workerd ${formatNumber(idle_bytes / MIB)} MiB before, ${formatNumber(open_bytes / MIB)} MiB with the node, ${formatNumber(asked_bytes / MIB)} MiB after all questions
  after ${formatNumber(after_idle.idle_s)} s without a request: ${nameOf(after_idle.isSame)}, ${after_idle.connections} connections; as long without a node: ${nameOf(after_stop.isSame)}
  awake ${dollars_per_hour_awake.toFixed(4)} $ an hour; woken for each question ${(dollars(woken_s) * 1e6).toFixed(2)} $ a million; even at ${formatNumber(HOUR_S / woken_s)} questions an hour (prices of ${PRICES.as_of})`;
  return { report, text };
}

const dollars = (awake_s: number): number => (awake_s * OBJECT_GB * PRICES.object_gb_s) / 1e6;

const seconds = (steps: readonly StepReport[], names: readonly string[]): number =>
  steps.filter(({ name }) => names.includes(name)).reduce((sum, { median_ms }) => sum + median_ms, 0) / 1_000;
