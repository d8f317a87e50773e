import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { type Activity, RunnerState } from "../control/activity.ts";
import type { Earned } from "../control/earned-since.ts";
import { ConnectedPeer, type PeersReport } from "../control/peers-report.ts";
import type { HttpEdgeOptions } from "../transport/http-edge-client.ts";
import type { RunnerEvent } from "../work/runner-event.ts";
import type { TokenTally } from "../work/token-tally.ts";

export interface MetricsOptions {
  read(): Activity | null;
  cache_bytes(): number;
  peers(): PeersReport;
  /** What was earned today, as far as it is known now. */
  earned(): readonly Earned[];
}

export interface RunnerMetrics {
  observe(event: RunnerEvent): void;
  readonly onExchange: NonNullable<HttpEdgeOptions["onExchange"]>;
  /** In the text format of Prometheus. */
  render(): Promise<string>;
  readonly contentType: string;
}

/** Round trips, in seconds: from a machine beside the edge to a bad line. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const PEER_WAYS = ConnectedPeer.shape.way.options;
/** How often the event loop's lag is sampled: an idle runner sleeps. */
const LAG_SAMPLE_MS = 500;
/** Failures that cost an engine its process. */
const DEADLY = new Set(["engine_crashed", "engine_timeout", "out_of_memory"]);

/** What a runner does, counted. Names end in their unit, as Prometheus has it. */
export function createRunnerMetrics(options: MetricsOptions): RunnerMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_SAMPLE_MS });
  addGauges(registry, options);
  const shards = new Counter({
    name: "infernet_shards_total",
    help: "Shards by what became of them: done, lost (the edge took the lease back), handed_back, or the code of the failure.",
    labelNames: ["outcome"] as const,
    registers,
  });
  const results = new Counter({
    name: "infernet_results_total",
    help: "Results by what the edge said to them.",
    labelNames: ["status"] as const,
    registers,
  });
  const rows = new Counter({ name: "infernet_rows_total", help: "Rows computed.", registers });
  const tokens = new Counter({
    name: "infernet_tokens_total",
    help: "Tokens of completions: prompt (computed), cached (kept from earlier requests), made, and given (made elsewhere and gone on from).",
    labelNames: ["kind"] as const,
    registers,
  });
  const compute = new Counter({
    name: "infernet_compute_seconds_total",
    help: "Time in the engines.",
    registers,
  });
  const deaths = new Counter({
    name: "infernet_engine_restarts_total",
    help: "Engine processes that ended or were killed in the middle of a shard, so that another was started.",
    registers,
  });
  const blobs = new Counter({
    name: "infernet_blob_bytes_total",
    help: "Bytes of models and inputs that came from peers and from the edge, went to peers (sent), or came and were of no use (wasted).",
    labelNames: ["way"] as const,
    registers,
  });
  const distrusted = new Counter({
    name: "infernet_peers_distrusted_total",
    help: "Times that a peer sent something wrong.",
    registers,
  });
  const requests = new Counter({
    name: "infernet_edge_requests_total",
    help: "Requests to the edge; polls are those for work.",
    labelNames: ["kind", "answered"] as const,
    registers,
  });
  const trips = new Histogram({
    name: "infernet_edge_round_trip_seconds",
    help: "Time until the edge answered, polls and blobs left out.",
    buckets: SECONDS,
    registers,
  });

  const outcomes = (event: RunnerEvent): string | null => {
    switch (event.event) {
      case "shard.done":
        return "done";
      case "shard.failed":
        return event.code;
      case "shard.lost":
        return "lost";
      case "shard.handed_back":
        return "handed_back";
      default:
        return null;
    }
  };

  const countTokens = ({ prompt_tokens, cached_tokens, made_tokens, given_tokens }: TokenTally): void => {
    tokens.inc({ kind: "prompt" }, Math.max(0, prompt_tokens - cached_tokens));
    tokens.inc({ kind: "cached" }, cached_tokens);
    tokens.inc({ kind: "made" }, made_tokens);
    tokens.inc({ kind: "given" }, given_tokens);
  };

  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    onExchange: ({ path, ms, isAnswered }) => {
      const kind = kindOf(path);
      requests.inc({ kind, answered: String(isAnswered) });
      if (isAnswered && kind !== "poll" && kind !== "blob") trips.observe(ms / 1_000);
    },
    observe: (event) => {
      const outcome = outcomes(event);
      if (outcome !== null) shards.inc({ outcome });
      if (event.event === "shard.done") {
        rows.inc(event.rows);
        compute.inc(event.compute_ms / 1_000);
        if (event.tokens !== undefined) countTokens(event.tokens);
      }
      if (event.event === "shard.failed" && DEADLY.has(event.code)) deaths.inc();
      if (event.event === "blob.fetched") {
        blobs.inc({ way: "peers" }, event.from_peers_bytes);
        blobs.inc({ way: "edge" }, event.from_edge_bytes);
        blobs.inc({ way: "wasted" }, event.wasted_bytes);
      }
      if (event.event === "blobs.sent") blobs.inc({ way: "sent" }, event.bytes);
      if (event.event === "peer.distrusted") distrusted.inc();
      if (event.event === "submitted") for (const { status } of event.receipts) results.inc({ status });
    },
  };
}

/** Values that are read when they are asked for. */
function addGauges(registry: Registry, { read, cache_bytes, peers, earned }: MetricsOptions): void {
  const gauge = (name: string, help: string, value: () => number): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(value());
      },
    });
  };
  gauge("infernet_leases_held", "Shards in hand.", () => read()?.now.length ?? 0);
  gauge("infernet_models_loaded", "Models in memory.", () => read()?.models.length ?? 0);
  gauge("infernet_cache_bytes", "Models and inputs on disk.", cache_bytes);
  new Gauge({
    name: "infernet_peers_connected",
    help: "Connections with peers, by how they came to be.",
    labelNames: ["way"] as const,
    registers: [registry],
    collect() {
      const ways = peers().peers.map(({ way }) => way);
      for (const way of PEER_WAYS) this.set({ way }, ways.filter((one) => one === way).length);
    },
  });
  new Counter({
    name: "infernet_peer_bytes_total",
    help: "Bytes on connections with peers.",
    labelNames: ["direction"] as const,
    registers: [registry],
    collect() {
      const { received_bytes, sent_bytes } = peers();
      this.reset();
      this.inc({ direction: "received" }, received_bytes);
      this.inc({ direction: "sent" }, sent_bytes);
    },
  });
  gauge("infernet_paused", "1 while it takes no leases because its owner wants it so.", () =>
    read()?.paused ? 1 : 0,
  );
  gauge(
    "infernet_clock_skew_seconds",
    "How far the edge's clock is ahead, when that is too far; else 0.",
    () => (read()?.clock_skew_ms ?? 0) / 1_000,
  );
  new Gauge({
    name: "infernet_state",
    help: "1 for what the runner is at, 0 for the rest.",
    labelNames: ["state"] as const,
    registers: [registry],
    collect() {
      const now = read()?.state ?? "starting";
      for (const state of RunnerState.options) this.set({ state }, state === now ? 1 : 0);
    },
  });
  new Gauge({
    name: "infernet_earned_today_micro",
    help: "Earned since midnight of this machine's clock, held or not, in micro-units.",
    labelNames: ["unit"] as const,
    registers: [registry],
    collect() {
      this.reset();
      for (const { unit, micro } of earned()) this.set({ unit }, Number(micro));
    },
  });
}

/** Few kinds, whatever ids the paths have in them. */
function kindOf(path: string): string {
  const [, first = "", second = ""] = path.split(/[/?]/);
  if (first === "runner") return second;
  if (first === "blobs") return "blob";
  if (first === "models") return "model";
  return "other";
}
