import { createServer } from "node:net";
import { ExecutionClass } from "@infernet/schemas/execution-class";
import { formatRunnerId } from "@infernet/schemas/ids";
import { Unit } from "@infernet/schemas/ledger";
import { afterEach, describe, expect, it } from "vitest";
import type { Activity } from "../control/activity.ts";
import { type ConnectedPeer, noPeers } from "../control/peers-report.ts";
import { sampleActivity } from "../control/testing/sample-activity.ts";
import { createRunnerMetrics } from "./runner-metrics.ts";
import { type MetricsServer, serveMetrics } from "./serve-metrics.ts";

const PEER: ConnectedPeer = {
  id: formatRunnerId(new Uint8Array(32)),
  address: "/ip4/203.0.113.7/tcp/4801",
  way: "relayed",
  direction: "outbound",
  since: "2026-11-30T00:00:00.000Z",
  rtt_ms: null,
  streams: 1,
};

/** Samples of the text format: name and labels, and the value. */
function parseSamples(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  for (const line of text.split("\n")) {
    if (line === "" || /^# (HELP|TYPE) \w+ /.test(line)) continue;
    const [, name, value] = /^([a-z_]\w*(?:\{[^}]*\})?) (\S+)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Error(`not a sample: ${line}`);
    samples.set(name, Number(value));
  }
  return samples;
}

describe("the metrics of a runner", () => {
  let server: MetricsServer;
  let activity: Activity = sampleActivity({ shards: 2 });
  afterEach(() => server?.close());

  const serve = async () => {
    const metrics = createRunnerMetrics({
      read: () => activity,
      cache_bytes: () => 4_096,
      peers: () => ({ ...noPeers("among_peers"), received_bytes: 7, sent_bytes: 9, peers: [PEER] }),
      earned: () => [{ unit: Unit.parse("credit"), micro: 1_250_000n }],
    });
    server = await serveMetrics({ port: 0, metrics, state: () => activity.state });
    return metrics;
  };
  const scrape = async () => parseSamples(await (await fetch(server.url)).text());

  it("are read by a scraper: what was done, what is held, how the edge answers", async () => {
    const metrics = await serve();
    const [lease] = activity.now;
    if (lease === undefined) throw new Error("no lease");
    const execution_class = ExecutionClass.parse("onnx/1/cpu/fp32");
    metrics.observe({ event: "shard.done", ...lease, execution_class, compute_ms: 500, total_ms: 600 });
    const tally = { prompt_tokens: 12, cached_tokens: 5, made_tokens: 30, given_tokens: 2, refused: 0 };
    const completion = { compute_ms: 0, total_ms: 0, tokens: { ...tally, tokens_per_s: 100 } };
    metrics.observe({ event: "shard.done", ...lease, rows: 1, execution_class, ...completion });
    metrics.observe({ event: "shard.failed", ...lease, code: "engine_timeout", detail: "" });
    metrics.observe({ event: "shard.failed", ...lease, code: "fetch_failed", detail: "" });
    metrics.onExchange({ path: "/runner/poll", ms: 25_000, isAnswered: true });
    metrics.onExchange({ path: "/runner/heartbeat", ms: 20, isAnswered: true });
    metrics.onExchange({ path: `/blobs/${"a".repeat(64)}`, ms: 20, isAnswered: false });
    const samples = await scrape();
    expect(Object.fromEntries(samples)).toMatchObject({
      'infernet_shards_total{outcome="done"}': 2,
      'infernet_shards_total{outcome="engine_timeout"}': 1,
      infernet_rows_total: 11,
      'infernet_tokens_total{kind="prompt"}': 7,
      'infernet_tokens_total{kind="cached"}': 5,
      'infernet_tokens_total{kind="made"}': 30,
      infernet_compute_seconds_total: 0.5,
      infernet_engine_restarts_total: 1,
      'infernet_edge_requests_total{kind="poll",answered="true"}': 1,
      'infernet_edge_requests_total{kind="blob",answered="false"}': 1,
      infernet_edge_round_trip_seconds_count: 1,
      infernet_leases_held: 2,
      infernet_models_loaded: 0,
      infernet_cache_bytes: 4_096,
      infernet_paused: 0,
      'infernet_peers_connected{way="relayed"}': 1,
      'infernet_peers_connected{way="direct"}': 0,
      'infernet_peer_bytes_total{direction="received"}': 7,
      'infernet_peer_bytes_total{direction="sent"}': 9,
      'infernet_state{state="working"}': 1,
      'infernet_earned_today_micro{unit="credit"}': 1_250_000,
    });
    expect(samples.get("process_resident_memory_bytes")).toBeGreaterThan(10_000_000);
    expect(samples.get("process_cpu_seconds_total")).toBeGreaterThan(0);
  });

  it("say by /ready whether work can come, and by /health that it lives", async () => {
    await serve();
    const get = async (path: string) => {
      const answer = await fetch(new URL(path, server.url));
      return [answer.status, (await answer.text()).trim()];
    };
    expect(await get("/ready")).toEqual([200, "working"]);
    activity = { ...activity, state: "paused", paused: { by: "busy", reason: "" } };
    expect(await get("/ready")).toEqual([503, "paused"]);
    expect(await get("/health")).toEqual([200, "ok"]);
    expect((await get("/elsewhere"))[0]).toBe(404);
    expect((await fetch(server.url, { method: "POST" })).status).toBe(405);
    expect((await scrape()).get("infernet_paused")).toBe(1);
  });

  it("are served to this machine alone, and not where the port is taken", async () => {
    const metrics = await serve();
    expect(new URL(server.url).hostname).toBe("127.0.0.1");
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const address = other.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    await expect(serveMetrics({ port: address.port, metrics, state: () => "waiting" })).rejects.toMatchObject(
      { code: "EADDRINUSE" },
    );
    await new Promise((resolve) => other.close(resolve));
  });
});
