import type { Finding, FindingStatus } from "@infernet/protocol/receipt/findings";
import type { Offence } from "@infernet/schemas/provider";
import type { Receipt } from "@infernet/schemas/receipt";
import type { Verified } from "./verify-texts.ts";

const HEADINGS: readonly [FindingStatus, string, string][] = [
  ["proven", "Proven", "+"],
  ["not_proven", "Not proven here", "?"],
  ["refuted", "Refuted", "-"],
];

/** What verifying found, for a person. */
export function renderReport({ receipt, report, equivocation }: Verified, isNetworkGiven: boolean): string {
  const lines = [...renderHead(receipt, isNetworkGiven)];
  for (const [status, heading, mark] of HEADINGS) {
    const findings = report.findings.filter((finding) => finding.status === status);
    if (findings.length === 0) continue;
    lines.push("", heading, ...findings.flatMap((finding) => renderFinding(finding, mark)));
  }
  if (equivocation !== null)
    lines.push(
      "",
      "The network contradicts itself in the two receipts:",
      `  ${EQUIVOCATIONS[equivocation.kind]}`,
    );
  lines.push("", renderVerdict(report.findings, equivocation !== null));
  return `${lines.join("\n")}\n`;
}

const EQUIVOCATIONS = {
  receipt_twice: "one revision of one job's receipt has two contents",
  history_rewritten: "the later receipt does not continue the log of the earlier one",
  epoch_twice: "one epoch was announced in two ways",
} as const;

function* renderHead(receipt: Receipt, isNetworkGiven: boolean): Generator<string> {
  const { job, outcome, network, revision, issued_at } = receipt;
  const { mode, auditors, audit_rows } = job.plan;
  const { reached, recall, result, convicted } = outcome;
  yield `Receipt of ${job.id}, revision ${revision}, issued ${issued_at}`;
  yield `  network    ${network}${isNetworkGiven ? "" : "  (any: --network names the one you expect)"}`;
  yield `  model      ${job.model}`;
  yield `  work       ${count(job.rows, "row")} in ${count(job.shards, "shard")}, merge "${job.merge}"`;
  const rows = mode === "audit" ? `${audit_rows} rows of each shard` : "whole shards";
  yield `  checks     ${mode === "none" ? "none" : `${mode}: ${count(auditors, "provider")}, ${rows}`}`;
  yield `  price      ${renderPrice(job.price, outcome.settlement)}`;
  for (const { name, sha256 } of job.inputs) yield `  input      ${sha256}  ${name}`;
  yield `  outcome    ${outcome.state}`;
  if (result !== null) yield `  result     ${result.sha256}  ${count(result.bytes, "byte")}`;
  yield `  reached    ${count(reached.audits_passed, "audit")} agreed over ${count(reached.rows_audited, "row")}, ${count(reached.disputes, "dispute")}${renderBounds(reached)}`;
  for (const { id, shard, as, partial } of convicted)
    yield `  convicted  ${id}: ${renderOffence(as, shard, partial)}`;
  if (recall !== null)
    yield `  recall     ${recall.state}: ${count(recall.shards_revoked, "shard")} replaced, ${recall.refund_micro} micro-units given back`;
}

const renderOffence = (as: Offence, shard: number, partial: boolean): string =>
  as === "contradiction"
    ? `it signed two answers for shard ${shard} under one lease`
    : `its ${as} of shard ${shard} was wrong${partial ? ", in part" : ""}`;

function renderPrice(
  { unit, quoted_micro, fee_bps }: Receipt["job"]["price"],
  { charged_micro, refunded_micro, fee_micro }: Receipt["outcome"]["settlement"],
): string {
  const refund = refunded_micro === "0" ? "" : `, ${refunded_micro} given back`;
  return `${charged_micro} micro-units of ${unit} (at most ${quoted_micro} were quoted)${refund}; fee ${fee_micro} (${fee_bps / 100} %)`;
}

function renderBounds({ group_error_max, stealth_bound }: Receipt["outcome"]["reached"]): string {
  const bounds = [
    group_error_max === null ? null : `group error at most ${group_error_max.toPrecision(2)}`,
    stealth_bound === null ? null : `stealth bound ${stealth_bound.toPrecision(2)}`,
  ].filter((bound) => bound !== null);
  return bounds.map((bound) => `, ${bound}`).join("");
}

function renderFinding({ title, count: found, unit, where, hint }: Finding, mark: string): string[] {
  const lines = [`  ${mark} ${title} (${count(found, unit)})`];
  for (const place of where) lines.push(`      ${place}`);
  if (where.length > 0 && found > where.length) lines.push(`      and ${found - where.length} more`);
  if (hint !== null) lines.push(`      ${hint}`);
  return lines;
}

function renderVerdict(findings: readonly Finding[], isContradicted: boolean): string {
  const refuted = findings.filter(({ status }) => status === "refuted");
  if (refuted.length > 0) return `This receipt does not hold: ${refuted.map(({ code }) => code).join(", ")}.`;
  if (isContradicted) return "This receipt holds by itself; with the other one it convicts the network.";
  return "This receipt holds: nothing that it says is refuted by its evidence.";
}

const PLURALS: Readonly<Record<string, string>> = { leaf: "leaves", hash: "hashes" };

function count(n: number, unit: string): string {
  const units = n === 1 ? unit : (PLURALS[unit] ?? `${unit}s`);
  return `${n.toLocaleString("en-US")} ${units}`;
}
