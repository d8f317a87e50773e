import type OpenAI from "openai";
import { createAccount } from "../../network/account.ts";
import { type CompletionAsked, hearCompletion, openaiOf } from "../../network/chat-client.ts";
import { startRunner } from "../../network/runner-process.ts";
import { stopAll } from "../../network/stop-all.ts";
import type { BenchContext, BenchResult } from "../bench-part.ts";
import { formatNumber } from "../format-number.ts";
import { median } from "../quantile.ts";
import { renderTable } from "../render-table.ts";
import { startBenchEdge } from "../start-bench-edge.ts";
import { streamDirectly } from "./direct-stream.ts";
import { type BenchModel, openTinylm } from "./open-tinylm.ts";
import { askedFor, type Latency, latencyOf, type StreamTimes } from "./stream-times.ts";

const STREAMS = 16;
/** The model of the tests, whose tokens take as little as none in use, and one that says the same and takes about 20 times as long. */
const LOADS = [
  { times: 1, in_a_row: 3, tokens: 400, pairs: 5 },
  { times: 30, in_a_row: 2, tokens: 100, pairs: 3 },
] as const;
const SINGLE_REQUESTS = 40;
const SINGLE_TOKENS = 100;

interface Throughput {
  model: string;
  /** Tokens a second of 16 streams at once, by turns. */
  pairs: { direct: number; network: number; ratio: number }[];
}

interface StreamsReport {
  throughput: Throughput[];
  /** One stream at a time. */
  direct: Latency;
  network: Latency;
}

/** What the network adds to completions: throughput of 16 at once, and the latency of one at a time, against the engine alone. */
export async function benchStreams({ cleanup, say }: BenchContext): Promise<BenchResult> {
  const { edge, folder } = await startBenchEdge({ cleanup });
  const client = await createAccount(edge, "streams");
  const runner = await startRunner({ edgeUrl: edge.url, name: "runner", folder });
  cleanup.add(() => stopAll([runner.program]));
  const openai = openaiOf(client);
  const throughput: Throughput[] = [];
  let latency: Pick<StreamsReport, "direct" | "network"> | null = null;
  for (const load of LOADS) {
    const model = await openTinylm({ cleanup }, client, load.times);
    for (const asked of askedFor(3, SINGLE_TOKENS)) {
      await hearCompletion(openai, model.name, asked);
      await streamDirectly(model.session, asked);
    }
    throughput.push({ model: model.name, pairs: await measurePairs(model, openai, load, say) });
    latency ??= await measureLatency(model, openai, say);
  }
  if (latency === null) throw new Error("no model was measured");
  const report: StreamsReport = { throughput, ...latency };
  return { report, text: renderStreams(report) };
}

async function measurePairs(
  model: BenchModel,
  openai: OpenAI,
  { in_a_row, tokens, pairs: count }: (typeof LOADS)[number],
  say: BenchContext["say"],
): Promise<Throughput["pairs"]> {
  const pairs: Throughput["pairs"] = [];
  for (let n = 0; n < count; n += 1) {
    const asked = Array.from({ length: STREAMS }, (_, stream) =>
      askedFor(in_a_row, tokens, 10_000 * (n + 1) + in_a_row * stream),
    );
    const pair = await measurePair(model, openai, asked);
    const [alone, through] = [pair.direct, pair.network].map(formatNumber);
    say(`${model.name}: ${alone} tokens/s by the engine alone, ${through} through the network`);
    pairs.push(pair);
  }
  return pairs;
}

async function measureLatency(model: BenchModel, openai: OpenAI, say: BenchContext["say"]) {
  say(`${SINGLE_REQUESTS} requests one after the other, by turns`);
  const single = { direct: [] as StreamTimes[], network: [] as StreamTimes[] };
  for (const asked of askedFor(SINGLE_REQUESTS, SINGLE_TOKENS, 500_000)) {
    single.direct.push(await streamDirectly(model.session, asked));
    const asked_ms = performance.now();
    const { heard_ms } = await hearCompletion(openai, model.name, {
      ...asked,
      seed: asked.seed + SINGLE_REQUESTS,
    });
    single.network.push({ asked_ms, heard_ms });
  }
  return { direct: latencyOf(single.direct), network: latencyOf(single.network) };
}

/** The same requests by the engine alone and then through the network: they come to the same tokens. */
async function measurePair(
  { name, session }: BenchModel,
  openai: OpenAI,
  asked: readonly (readonly CompletionAsked[])[],
): Promise<Throughput["pairs"][number]> {
  let tokens = 0;
  const direct_s = await timeStreams(asked, async (one) => {
    const made = await streamDirectly(session, one);
    tokens += made.tokens;
  });
  const network_s = await timeStreams(asked, (one) => hearCompletion(openai, name, one));
  return { direct: tokens / direct_s, network: tokens / network_s, ratio: direct_s / network_s };
}

/** Seconds until all streams are at their end; of one stream each completion begins when the one before it has ended. */
async function timeStreams(
  asked: readonly (readonly CompletionAsked[])[],
  complete: (one: CompletionAsked) => Promise<unknown>,
): Promise<number> {
  const started = performance.now();
  await Promise.all(
    asked.map(async (stream) => {
      for (const one of stream) await complete(one);
    }),
  );
  return (performance.now() - started) / 1_000;
}

function renderStreams({ throughput, direct, network }: StreamsReport): string {
  const ofThroughput = renderTable(
    [`${STREAMS} streams at once`, "engine alone, tokens/s", "network, tokens/s", "ratio (min-max)"],
    throughput.map(({ model, pairs }) => {
      const ratios = pairs.map(({ ratio }) => ratio);
      const range = `${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)}`;
      return [
        model,
        formatNumber(median(pairs.map((pair) => pair.direct))),
        formatNumber(median(pairs.map((pair) => pair.network))),
        `${median(ratios).toFixed(2)} (${range})`,
      ];
    }),
  );
  const rows = [
    ["time to first token, p50", direct.first_p50, network.first_p50],
    ["between tokens, p50", direct.gap_p50, network.gap_p50],
    ["between tokens, p99", direct.gap_p99, network.gap_p99],
  ] as const;
  const latency = renderTable(
    ["one stream at a time, ms", "engine alone", "network", "added"],
    rows.map(([name, alone, through]) => [name, ...[alone, through, through - alone].map(formatNumber)]),
  );
  return `${ofThroughput}\n\n${latency}`;
}
