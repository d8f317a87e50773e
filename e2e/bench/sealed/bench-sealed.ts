import { GLYPH_BYTES, glyphImages, glyphsModel, imageShape } from "../../fixtures/glyphs-model.ts";
import type { BenchContext, BenchResult } from "../bench-part.ts";
import { openGlyphs, SHARD_ROWS } from "../commit/open-glyphs.ts";
import { formatNumber } from "../format-number.ts";
import { median, quantile } from "../quantile.ts";
import { renderTable } from "../render-table.ts";
import { cpuSince_ms, measureThroughput, type SealingRate } from "./measure-throughput.ts";
import { openSealedJob } from "./open-sealed-job.ts";

const ROW_SIZES = [784, 128 * 1024, 8 * 1024 * 1024];
const SHARDS = 300;
const SHARDS_WARM = 50;

export interface SealedReport {
  rates: SealingRate[];
  shard: {
    compute_ms: number;
    grant_ms: number;
    open_ms: number;
    seal_ms: number;
    share: number;
    share_p90: number;
  };
}

/** What sealing costs: megabytes a second at both ends, and what it adds to a shard of 256 rows of `glyphs`. */
export async function benchSealed({ cleanup, say }: BenchContext): Promise<BenchResult> {
  const rates: SealingRate[] = [];
  for (const row_bytes of ROW_SIZES) {
    say(`rows of ${row_bytes} bytes`);
    rates.push(await measureThroughput({ cleanup }, row_bytes));
  }
  say(`glyphs, ${SHARD_ROWS} rows, one thread: opening, computing and sealing by turns`);
  const report: SealedReport = { rates, shard: await measureShards({ cleanup }) };
  return { report, text: renderSealed(report) };
}

async function measureShards(context: Pick<BenchContext, "cleanup">): Promise<SealedReport["shard"]> {
  const glyphs = await openGlyphs(context);
  const images = glyphImages();
  const whole = Math.floor(images.length / GLYPH_BYTES / SHARD_ROWS);
  const data = images.slice(0, whole * SHARD_ROWS * GLYPH_BYTES);
  const shape = imageShape(data);
  const { unseal, lease } = await openSealedJob(context, { name: "images", datatype: "UINT8", shape, data });
  const { outputs } = glyphsModel();
  const shards: { compute_ms: number; open_ms: number; seal_ms: number }[] = [];
  let grant_ms = 0;
  for (let n = 0; n < SHARDS_WARM + SHARDS; n += 1) {
    const { lease: held, rows } = lease((n % whole) * SHARD_ROWS, SHARD_ROWS);
    const started = process.cpuUsage();
    const { seal } = await unseal(held, rows);
    const open_ms = cpuSince_ms(started);
    if (n === 0) grant_ms = open_ms;
    const { run } = await glyphs.compute(n);
    const sealing = process.cpuUsage();
    await seal(run.outputs, { outputs });
    const seal_ms = cpuSince_ms(sealing);
    if (n >= SHARDS_WARM) shards.push({ compute_ms: run.compute_ms, open_ms, seal_ms });
  }
  const shares = shards.map(({ compute_ms, open_ms, seal_ms }) => (open_ms + seal_ms) / compute_ms);
  return {
    compute_ms: median(shards.map(({ compute_ms }) => compute_ms)),
    grant_ms,
    open_ms: median(shards.map(({ open_ms }) => open_ms)),
    seal_ms: median(shards.map(({ seal_ms }) => seal_ms)),
    share: median(shares),
    share_p90: quantile(shares, 0.9),
  };
}

function renderSealed({ rates, shard }: SealedReport): string {
  const ofRates = renderTable(
    ["MB for a second of processor time", "client seals", "runner opens", "runner seals", "client opens"],
    rates.map(({ row_bytes, client_seal, runner_open, runner_seal, client_open }) => [
      `rows of ${row_bytes} bytes`,
      ...[client_seal, runner_open, runner_seal, client_open].map(formatNumber),
    ]),
  );
  const ofShard = renderTable(
    ["a shard", ""],
    [
      [`inference of ${SHARD_ROWS} rows of glyphs on one thread`, `${formatNumber(shard.compute_ms)} ms`],
      [
        "the first lease of a job: its grant and its rows opened, processor time",
        `${formatNumber(shard.grant_ms)} ms`,
      ],
      ["rows opened, processor time", `${formatNumber(shard.open_ms)} ms`],
      ["outputs sealed, processor time", `${formatNumber(shard.seal_ms)} ms`],
      ["both, of the inference's time", `${(shard.share * 100).toFixed(1)} %`],
      ["the same, 90th percentile", `${(shard.share_p90 * 100).toFixed(1)} %`],
    ],
  );
  return `${ofRates}\n\n${ofShard}`;
}
