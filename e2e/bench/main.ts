import { bold, dim } from "../demo/paint.ts";
import { Cleanup } from "../network/cleanup.ts";
import { createStop } from "../network/stop-with-cleanup.ts";
import { benchAggregate } from "./aggregate/bench-aggregate.ts";
import { benchBatching } from "./batching/bench-batching.ts";
import { BENCH_USAGE, type BenchOptions, type PartName, parseBenchOptions } from "./bench-options.ts";
import type { BenchPart } from "./bench-part.ts";
import { benchBill } from "./bill/bench-bill.ts";
import { benchCommit } from "./commit/bench-commit.ts";
import { benchContainers } from "./containers/bench-containers.ts";
import { benchDirect } from "./direct/bench-direct.ts";
import { benchEdgePeer } from "./edge-peer/bench-edge-peer.ts";
import { benchIdle } from "./idle/bench-idle.ts";
import { benchJobs } from "./jobs/bench-jobs.ts";
import { benchKademlia } from "./kademlia/bench-kademlia.ts";
import { describeMachine } from "./machine.ts";
import { benchNat } from "./nat/bench-nat.ts";
import { benchPeerBlobs } from "./peer-blobs/bench-peer-blobs.ts";
import { benchPeerIdle } from "./peer-idle/bench-peer-idle.ts";
import { benchPeers } from "./peers/bench-peers.ts";
import { benchPickup } from "./pickup/bench-pickup.ts";
import { benchSandbox } from "./sandbox/bench-sandbox.ts";
import { benchSealed } from "./sealed/bench-sealed.ts";
import { benchSettle } from "./settle/bench-settle.ts";
import { benchStart } from "./start/bench-start.ts";
import { benchStreams } from "./streams/bench-streams.ts";
import { benchThroughput } from "./throughput/bench-throughput.ts";
import { benchWasm } from "./wasm/bench-wasm.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;

const PARTS: Record<PartName, BenchPart> = {
  throughput: benchThroughput,
  pickup: benchPickup,
  jobs: benchJobs,
  aggregate: benchAggregate,
  commit: benchCommit,
  sealed: benchSealed,
  bill: benchBill,
  sandbox: benchSandbox,
  containers: benchContainers,
  wasm: benchWasm,
  batching: benchBatching,
  streams: benchStreams,
  "peer-blobs": benchPeerBlobs,
  settle: benchSettle,
  peers: benchPeers,
  start: benchStart,
  direct: benchDirect,
  idle: benchIdle,
  "peer-idle": benchPeerIdle,
  nat: benchNat,
  kademlia: benchKademlia,
  "edge-peer": benchEdgePeer,
};

const cleanup = new Cleanup();
const stop = createStop(cleanup);

async function bench({ parts, json }: BenchOptions): Promise<void> {
  const out = json ? process.stderr : process.stdout;
  const machine = describeMachine();
  out.write(`${bold("Infernet bench")}: ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}\n`);
  const reports: Partial<Record<PartName, object>> = {};
  for (const part of parts) {
    out.write(`\n${bold(part)}\n`);
    const say = (line: string) => process.stderr.write(dim(`  ${line}\n`));
    const { report, text } = await PARTS[part]({ cleanup, say });
    await cleanup.run();
    reports[part] = report;
    out.write(`\n${text}\n`);
  }
  if (json) console.log(JSON.stringify({ machine, at: new Date().toISOString(), ...reports }));
}

let options: BenchOptions;
try {
  options = parseBenchOptions(process.argv.slice(2));
} catch (error) {
  console.error(
    `${error instanceof Error ? error.message : error}\nnpm run bench -- --help shows the options.`,
  );
  process.exit(EXIT_USAGE);
}
if (options.help) {
  console.log(BENCH_USAGE);
} else {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => void stop(EXIT_INTERRUPTED));
  try {
    await bench(options);
    process.exit(0);
  } catch (error) {
    console.error(error);
    await stop(EXIT_FAILED);
  }
}
