import { parseArgs } from "node:util";
import { z } from "zod";

export const BENCH_USAGE = `Usage: npm run bench -- [parts] [options]

Measures the network on this machine. Without parts it measures all of them, which takes some minutes.

  throughput   rows a second through the network, as a share of what ONNX Runtime alone does on the same cores
  pickup       time from POST /jobs to the lease in the hands of a parked runner
  jobs         jobs and shards a second when computing costs nothing, and the edge's CPU time for a shard
  aggregate    the same jobs through the edge on workerd and through infernet-runner aggregate, with memory
  commit       what commitments cost the runner, as a share of the inference, and checks the edge
  sealed       what encryption costs client and runner
  bill         what the platform would bill for a shard, and the dollars that follow
  sandbox      what a sandbox costs a shard, beside a child process without one
  containers   what a container costs: its start, and each batch that goes in and out
  wasm         what fuel costs WebAssembly models, and an instance as new for each row
  batching     tokens a second of many completions together, beside one after the other, and what a check costs
  streams      what the network adds to completions: throughput of 16 at once, and latency, against the engine alone
  peer-blobs   models from peers: how fast, what a liar costs, and how often a cold one leaves the edge
  settle       what settlement on Solana costs, by transaction and by job, and the Worker's size
  peers        50 machines that find each other: how long, how many, and what is left when 30 % of them are killed
  start        time from the start of a runner to its first lease
  direct       what a direct job adds to the engine's time, and how long the first contact by the DHT takes
  idle         memory and processor time of a runner without work, and what a day of polls leaves behind
  peer-idle    memory, processor time and traffic of a runner without work in a network of 50 peers; needs namespaces
  nat          who reaches whom behind which kind of router, and how; needs namespaces
  kademlia     look-ups in a network of 30 real peers, beside those that the simulator makes
  edge-peer    what it costs to have the edge itself look into the DHT: libp2p in a Durable Object

  --json       print one JSON object on stdout; everything else goes to stderr
  --help       this text
`;

const PartName = z.enum([
  "throughput",
  "pickup",
  "jobs",
  "aggregate",
  "commit",
  "sealed",
  "bill",
  "sandbox",
  "containers",
  "wasm",
  "batching",
  "streams",
  "peer-blobs",
  "settle",
  "peers",
  "start",
  "direct",
  "idle",
  "peer-idle",
  "nat",
  "kademlia",
  "edge-peer",
]);
export type PartName = z.infer<typeof PartName>;

export interface BenchOptions {
  parts: PartName[];
  json: boolean;
  help: boolean;
}

/** @throws Error with one line a person can act on */
export function parseBenchOptions(argv: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const parts = positionals.map((name) => {
    const part = PartName.safeParse(name);
    if (!part.success)
      throw new Error(`There is no part "${name}"; there are ${PartName.options.join(", ")}.`);
    return part.data;
  });
  return { parts: parts.length > 0 ? parts : [...PartName.options], ...values };
}
