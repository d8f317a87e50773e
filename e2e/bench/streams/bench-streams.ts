import type { GenerationSession } from "infernet-runner/engine/engine";
import type OpenAI from "openai";
import { uploadTinylm } from "../../fixtures/tinylm-model.ts";
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
import { openTinylm } from "./open-tinylm.ts";
import { askedFor, type Latency, latencyOf, type StreamTimes } from "./stream-times.ts";

const STREAMS = 16;
/** Completions that follow on each other in each stream. */
const IN_A_ROW = 3;
const TOKENS = 400;
const PAIRS = 5;
const SINGLE_REQUESTS = 30;
const SINGLE_TOKENS = 100;

interface StreamsReport {
  /** Tokens a second of 16 streams at once, by turns. */
  pairs: { direct: number; network: number; ratio: number }[];
  ratio: number;
  /** One stream at a time. */
  direct: Latency;
  network: Latency;
}

/** What the network adds to completions: throughput of 16 at once, and the latency of one at a time, against the engine alone. */
export async function benchStreams({ cleanup, say }: BenchContext): Promise<BenchResult> {
  const session = await openTinylm({ cleanup });
  const { edge, folder } = await startBenchEdge({ cleanup });
  const client = await createAccount(edge, "streams");
  await uploadTinylm(client);
  const runner = await startRunner({ edgeUrl: edge.url, name: "runner", folder });
  cleanup.add(() => stopAll([runner.program]));
  const openai = openaiOf(client);
  const network = async (asked: CompletionAsked): Promise<StreamTimes> => {
    const asked_ms = performance.now();
    const { heard_ms } = await hearCompletion(openai, "tinylm", asked);
    return { asked_ms, heard_ms };
  };
  for (const asked of askedFor(3, SINGLE_TOKENS))
    await Promise.all([network(asked), streamDirectly(session, asked)]);

  const pairs: StreamsReport["pairs"] = [];
  for (let n = 0; n < PAIRS; n += 1) {
    const asked = Array.from({ length: STREAMS }, (_, stream) =>
      askedFor(IN_A_ROW, TOKENS, 10_000 * (n + 1) + IN_A_ROW * stream),
    );
    const pair = await measurePair(session, openai, asked);
    say(
      `${formatNumber(pair.direct)} tokens/s by the engine alone, ${formatNumber(pair.network)} through the network`,
    );
    pairs.push(pair);
  }
  const single = { direct: [] as StreamTimes[], network: [] as StreamTimes[] };
  say(`${SINGLE_REQUESTS} requests one after the other, by turns`);
  for (const asked of askedFor(SINGLE_REQUESTS, SINGLE_TOKENS, 100_000)) {
    single.direct.push(await streamDirectly(session, asked));
    single.network.push(await network({ ...asked, seed: asked.seed + SINGLE_REQUESTS }));
  }
  const report: StreamsReport = {
    pairs,
    ratio: median(pairs.map(({ ratio }) => ratio)),
    direct: latencyOf(single.direct),
    network: latencyOf(single.network),
  };
  return { report, text: renderStreams(report) };
}

/** The same requests by the engine alone and then through the network: they come to the same tokens. */
async function measurePair(
  session: GenerationSession,
  openai: OpenAI,
  asked: readonly (readonly CompletionAsked[])[],
): Promise<StreamsReport["pairs"][number]> {
  let tokens = 0;
  const direct_s = await timeStreams(asked, async (one) => {
    const made = await streamDirectly(session, one);
    tokens += made.tokens;
  });
  const network_s = await timeStreams(asked, (one) => hearCompletion(openai, "tinylm", one));
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

function renderStreams({ pairs, ratio, direct, network }: StreamsReport): string {
  const ratios = pairs.map((pair) => pair.ratio);
  const throughput = renderTable(
    [`${STREAMS} streams at once, ${IN_A_ROW} completions of ${TOKENS} tokens in each`, "tokens/s"],
    [
      ["engine alone", formatNumber(median(pairs.map((pair) => pair.direct)))],
      ["through the network", formatNumber(median(pairs.map((pair) => pair.network)))],
      [
        `ratio (min-max of ${pairs.length})`,
        `${ratio.toFixed(2)} (${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)})`,
      ],
    ],
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
  return `${throughput}\n\n${latency}`;
}
