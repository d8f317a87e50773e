import type { Job } from "@infernet/schemas/job";
import { GLYPH_LABELS } from "../fixtures/glyphs-model.ts";
import type { DemoReport, MoneyReport, ProviderReport } from "./demo-report.ts";
import { bold, dim, green, red } from "./paint.ts";
import { type DemoNetwork, DISHONEST } from "./start-demo-network.ts";

const whole = new Intl.NumberFormat("en-US");
const ID_CHARS = 10;

/** The end of the demo, for a person: how good, how fast, who did what, who was caught, and what is proven. */
export function renderReport(report: DemoReport): string {
  const { accuracy, rows, shards, verification } = report;
  const { audits_passed, rows_audited, disputes, group_error_max } = verification.reached;
  const right =
    accuracy === null
      ? "no labels given"
      : `${accuracy.toFixed(3)}, ${whole.format(Math.round(accuracy * rows))} of ${whole.format(rows)} images read right`;
  const webhook = report.webhook.verified
    ? "delivered; its Ed25519 signature verifies with the key that the edge publishes"
    : red("its signature does not verify");
  return `${bold(`Done in ${(report.wall_ms / 1000).toFixed(1)} s.`)}

  accuracy   ${right}
  work       ${whole.format(rows)} rows in ${shards} shards
  checked    ${plural(audits_passed, "audit")} of ${whole.format(rows_audited)} rows agreed, ${plural(disputes, "disagreement")};
             a shard is wrong with probability ${group_error_max?.toExponential(1) ?? "?"} at most, asked for 1e-2
  webhook    ${webhook}
  price      ${renderPrice(report.price)}

${renderProviders(report.providers)}

${renderCaught(report)}

${bold("The receipt, checked without any network")}  ${dim(report.receipt.file)}

${indent(report.receipt.said)}`;
}

function renderPrice({ quoted_micro, settled }: DemoReport["price"]): string {
  const quoted = dollars(quoted_micro);
  if (settled === null) return `${quoted} at most`;
  return `${dollars(settled.charged_micro)} of at most ${quoted}, ${dollars(settled.fee_micro)} of it the aggregator's fee`;
}

/** Who has what on the chain, before and after, and the transactions that moved it. */
export function renderMoney({ escrow, opened, balances, payments }: MoneyReport): string {
  const rows = balances.map(({ who, before_micro, after_micro }) => [
    who,
    dollars(before_micro),
    dollars(after_micro),
  ]);
  const widths = [0, 1, 2].map((i) => Math.max(8, ...rows.map((row) => row[i]?.length ?? 0)));
  const render = (cells: readonly string[]) =>
    `  ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("   ")}`;
  const sent = payments.map(
    ({ name, micro, transaction }) => `  ${name.padEnd(8)} ${dollars(micro)}  ${dim(transaction)}`,
  );
  return [
    `${bold("Paid, by what the chain says")}  ${dim(`escrow ${escrow}`)}`,
    "",
    dim(render(["test USDC", "before", "after"])),
    ...rows.map(render),
    "",
    `  opened by ${dim(opened)}`,
    ...sent,
  ].join("\n");
}

/** Millionths as dollars, to the last of them. */
function dollars(micro: string): string {
  const digits = micro.padStart(7, "0");
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
}

function renderProviders(providers: readonly ProviderReport[]): string {
  const header = ["runner", "id", "rows", "shards", "audits passed", "audits made", "held", "taken back"];
  const lines = providers.map((provider) => [
    provider.name,
    `${provider.id.slice(0, "run_".length + ID_CHARS)}…`,
    whole.format(provider.rows),
    whole.format(provider.shards),
    whole.format(provider.audits_passed),
    whole.format(provider.audits_made),
    whole.format(BigInt(provider.held_micro)),
    whole.format(BigInt(provider.taken_back_micro)),
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

function renderCaught({ caught, providers, earlier }: DemoReport): string {
  const [first] = caught;
  if (first === undefined)
    return red(`Nobody was caught: ${DISHONEST} got too little of this job to be wrong in.`);
  const { name, shard, as, referees } = first;
  const what = as === "answer" ? "its answer to" : "its check of";
  const ledger = providers.find((provider) => provider.name === name);
  const lost = whole.format(BigInt(ledger?.taken_back_micro ?? "0"));
  return `${green("Caught:")} ${name}. In ${what} shard ${shard} it differed from another runner, and ${referees.join(", ")} found it wrong.
It is banned, nothing that it answered here counts, and ${lost} micro-units that it earned before are taken back.
What it had delivered before, in ${earlier.job_id}, was checked again: ${earlier.recall ?? "not yet"}.`;
}

const indent = (text: string): string =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");

const plural = (count: number, noun: string): string =>
  `${whole.format(count)} ${noun}${count === 1 ? "" : "s"}`;

/** What is running, before the job's progress is shown. */
export function renderNetwork({ edge, runners, referee }: DemoNetwork, earlier: Job, job: Job): string {
  const honest = runners.filter((runner) => runner.name !== DISHONEST).map((runner) => runner.name);
  return `  edge       ${edge.url}, on workerd
  runners    ${honest.join(", ")}, and ${DISHONEST}; the operator trusts ${referee.name} to decide disagreements
  model      glyphs, ${job.model.digest.slice(0, ID_CHARS)}…, a network that reads characters, run by ONNX Runtime
  money      test USDC on a Solana chain of this demo; the client locked 20.00 in an escrow, each machine put up a bond of 1.00
  before     ${earlier.id}, ${whole.format(earlier.rows)} images: all were honest and earned
  job        ${job.id}
             ${whole.format(job.rows)} images in ${job.progress.shards} shards; from now on ${DISHONEST} returns wrong numbers in a tenth of the rows`;
}

const READINGS_SHOWN = 60;

/** The first characters that were read, for images without labels. */
export function renderReadings(read: readonly number[]): string {
  const shown = read.slice(0, READINGS_SHOWN).map((label) => GLYPH_LABELS[label] ?? "?");
  const rest = read.length - shown.length;
  return `Read: ${shown.join(" ")}${rest > 0 ? ` and ${whole.format(rest)} more` : ""}`;
}
