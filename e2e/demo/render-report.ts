import type { Job } from "@infernet/schemas/job";
import { GLYPH_LABELS } from "../fixtures/glyphs-model.ts";
import type { DemoReport, ProviderReport } from "./demo-report.ts";
import { bold, dim, green, red } from "./paint.ts";
import { type DemoNetwork, DISHONEST } from "./start-demo-network.ts";

const whole = new Intl.NumberFormat("en-US");
const ID_CHARS = 10;

/** The end of the demo, for a person: how good, how fast, who did what, what it cost. */
export function renderReport(report: DemoReport): string {
  const { accuracy, rows, shards } = report;
  const right =
    accuracy === null
      ? "no labels given"
      : `${accuracy.toFixed(3)}, ${whole.format(Math.round(accuracy * rows))} of ${whole.format(rows)} images read right`;
  const webhook = report.webhook.verified
    ? "delivered; its Ed25519 signature verifies with the key that the edge publishes"
    : red("its signature does not verify");
  return `${bold(`Done in ${(report.wall_ms / 1000).toFixed(1)} s.`)}

  accuracy   ${right}
  work       ${whole.format(rows)} rows in ${shards} shards, each computed at least twice
  webhook    ${webhook}
  price      ${whole.format(BigInt(report.price_quoted_micro))} micro-units quoted; no money moves yet

${renderProviders(report.providers)}

${renderCaught(report.providers)}`;
}

function renderProviders(providers: readonly ProviderReport[]): string {
  const header = ["runner", "id", "rows", "shards", "agreed", "outvoted", "set aside"];
  const lines = providers.map((provider) => [
    provider.name,
    `${provider.id.slice(0, "run_".length + ID_CHARS)}…`,
    whole.format(provider.rows),
    whole.format(provider.shards),
    whole.format(provider.shards_agreed),
    whole.format(provider.shards_outvoted),
    whole.format(provider.shards_set_aside),
  ]);
  const widths = header.map((title, i) =>
    Math.max(title.length, ...lines.map((line) => line[i]?.length ?? 0)),
  );
  const render = (cells: readonly string[]) =>
    `  ${cells.map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("   ")}`;
  return [
    dim(render(header)),
    ...lines.map((line, i) => (providers[i]?.caught ? red(render(line)) : render(line))),
  ].join("\n");
}

function renderCaught(providers: readonly ProviderReport[]): string {
  const caught = providers.filter((provider) => provider.caught);
  if (caught.length === 0)
    return red(`Nobody was caught: ${DISHONEST} got too little of this job to be wrong in.`);
  return caught.map(explainCaught).join("\n");
}

function explainCaught({ name, shards_outvoted, shards_set_aside }: ProviderReport): string {
  const aside =
    shards_set_aside === 0 ? "" : ` Its ${plural(shards_set_aside, "other answer")} counted for nothing.`;
  return `${green("Caught:")} ${name}, outvoted by two others on ${plural(shards_outvoted, "shard")}.${aside}
It got no more work from this job, and GET /providers shows it as marked.`;
}

const plural = (count: number, noun: string): string =>
  `${whole.format(count)} ${noun}${count === 1 ? "" : "s"}`;

/** What is running, before the job's progress is shown. */
export function renderNetwork({ edge, runners }: DemoNetwork, job: Job): string {
  const honest = runners.filter((runner) => runner.name !== DISHONEST).map((runner) => runner.name);
  return `  edge       ${edge.url}, on workerd
  runners    ${honest.join(", ")}, and ${DISHONEST}, who returns wrong numbers in a tenth of the rows
  model      glyphs, ${job.model.digest.slice(0, ID_CHARS)}…, a network that reads characters, run by ONNX Runtime
  job        ${job.id}
             ${whole.format(job.rows)} images in ${job.progress.shards} shards; a shard counts when two runners agree on it`;
}

const READINGS_SHOWN = 60;

/** The first characters that were read, for images without labels. */
export function renderReadings(read: readonly number[]): string {
  const shown = read.slice(0, READINGS_SHOWN).map((label) => GLYPH_LABELS[label] ?? "?");
  const rest = read.length - shown.length;
  return `Read: ${shown.join(" ")}${rest > 0 ? ` and ${whole.format(rest)} more` : ""}`;
}
