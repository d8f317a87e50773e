import type { NetworkId } from "@infernet/schemas/commitment";
import type { Bytes } from "@infernet/schemas/digest";
import type { Epoch } from "@infernet/schemas/epoch";
import type { JobId } from "@infernet/schemas/ids";
import type { Receipt, SignedReceipt } from "@infernet/schemas/receipt";
import { signerOf } from "@infernet/schemas/receipt-signature";
import type { JobProgress } from "../job-progress.ts";
import { checkCommitments } from "./check-commitments.ts";
import { checkCommitted } from "./check-committed.ts";
import type { CheckContext } from "./check-context.ts";
import { checkContradictions } from "./check-contradictions.ts";
import { checkDrawn } from "./check-drawn.ts";
import { checkEnd } from "./check-end.ts";
import { checkEpochs } from "./check-epochs.ts";
import { checkPaths } from "./check-paths.ts";
import { checkPlan, checkRendering } from "./check-rendering.ts";
import { countUnchecked } from "./count-unchecked.ts";
import { type Finding, Findings } from "./findings.ts";
import { listEvidence } from "./list-evidence.ts";
import { replayLog, startOf } from "./replay-log.ts";
import { traceResult } from "./trace-result.ts";

/** What there is beside the receipt. All of it may be missing; then less is proven. */
export interface VerifyOptions {
  /** The network that it has to be of. */
  network?: NetworkId | undefined;
  /** Epochs as they were published, with their seeds. */
  epochs?: readonly Epoch[] | undefined;
  /** The result's bytes, as they were delivered: tensors in the binary form, or a list in JSON. */
  result?: Bytes | undefined;
  /** The receipt of the revision before. */
  previous?: SignedReceipt | undefined;
}

export interface Report {
  network: NetworkId;
  job_id: JobId;
  revision: number;
  issued_at: string;
  /** `holds`: nothing that it says was refuted. What it does not prove is among the findings. */
  verdict: "holds" | "refuted";
  findings: Finding[];
}

/**
 * Says what a signed receipt proves and what not. Pure and offline: signatures and hashes are checked, the log is
 * repeated with the rules that the network runs by, and every draw, verdict and figure in it compared with what follows.
 * Never throws for what a receipt says.
 */
export async function verifyReceipt(signed: SignedReceipt, options: VerifyOptions = {}): Promise<Report> {
  const { receipt } = signed;
  const findings = new Findings();
  const isExpected = options.network === undefined || options.network === receipt.network;
  if (!isExpected) findings.add("network_foreign", receipt.network);
  // What was not signed says nothing, so nothing more is said about it.
  else if ((await signerOf(signed)) === null) findings.add("signature_wrong");
  else {
    findings.add("receipt_signed");
    await checkContent(receipt, options, findings);
  }
  const list = findings.list();
  return {
    network: receipt.network,
    job_id: receipt.job.id,
    revision: receipt.revision,
    issued_at: receipt.issued_at,
    verdict: list.some(({ status }) => status === "refuted") ? "refuted" : "holds",
    findings: list,
  };
}

async function checkContent(receipt: Receipt, options: VerifyOptions, findings: Findings): Promise<void> {
  const { evidence, job, log } = receipt;
  const context: CheckContext = {
    receipt,
    findings,
    epochs: new Map(receipt.epochs.map((epoch) => [epoch.epoch, epoch])),
    seeds: await checkEpochs(receipt, options.epochs ?? [], findings),
    trees: new Map(evidence.trees.map(({ lease_id, root }) => [lease_id, root])),
    told: new Set(),
  };
  checkPlan(receipt, findings);
  const end = replay(context, options.previous ?? null);
  if (end === null) return;
  const commitments = listEvidence(job, log);
  await checkCommitments(context, commitments);
  await checkContradictions(context);
  checkPaths(context, commitments);
  if (options.result !== undefined) await traceResult(context, end, options.result);
  noteLimits(context, end, options);
}

/** The job after its log; null when that cannot be followed to its end. */
function replay(context: CheckContext, previous: SignedReceipt | null): JobProgress | null {
  const { receipt, findings } = context;
  let end = startOf(receipt.job);
  try {
    for (const step of replayLog(receipt.job, receipt.log)) {
      const { fact } = step.entry;
      if (fact.kind === "committed") checkCommitted(context, step, fact);
      if (fact.kind === "drawn") checkDrawn(context, step, fact);
      checkEnd(context, step);
      end = step.after;
    }
    checkRendering(receipt, previous, findings);
  } catch (error) {
    findings.add("log_broken", error instanceof Error ? error.message : String(error));
    return null;
  }
  if (!findings.has("outcome_wrong") && !findings.has("log_broken"))
    findings.add("log_follows", null, receipt.log.length);
  return end;
}

/** What no receipt of this kind proves, and what this one does not with what there is. */
function noteLimits(
  { receipt, findings, seeds, told }: CheckContext,
  end: JobProgress,
  options: VerifyOptions,
) {
  for (const { fact } of receipt.log) {
    if (fact.kind !== "committed" && fact.kind !== "drawn") continue;
    for (const { epoch } of fact.draws)
      if (!seeds.has(epoch)) findings.add("seeds_unknown", `epoch ${epoch}`);
  }
  if (receipt.outcome.result !== null && options.result === undefined) findings.add("result_not_given");
  findings.add("comparisons_told", null, told.size);
  findings.add("rows_unchecked", null, countUnchecked(end));
  findings.add("inputs_told", null, receipt.job.inputs.length);
}
