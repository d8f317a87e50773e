import type { Receipt, SignedReceipt } from "@infernet/schemas/receipt";
import { planVerification } from "../verification-plan.ts";
import type { Findings } from "./findings.ts";
import { isSame } from "./is-same.ts";
import { materialOf, type ReceiptMaterial } from "./receipt-material.ts";
import { receiptDigest, renderReceipt, renderRevision } from "./render-receipt.ts";
import { listClosings } from "./replay-log.ts";

/** Whether the checks that were planned are what the client asked for comes to. */
export function checkPlan({ job }: Receipt, findings: Findings): void {
  const { verification, plan, rows, shard_rows, shards } = job;
  const plans = [false, true].map((joint) => planVerification(verification, shard_rows, joint));
  if (!plans.some((one) => isSame(one, plan))) findings.add("plan_wrong", `mode ${plan.mode}`);
  if (shards !== Math.ceil(rows / shard_rows))
    findings.add("plan_wrong", `${shards} shards of ${shard_rows} rows`);
}

/**
 * Whether a receipt says of its log what the log comes to: it is rendered again from its own log and evidence. Throws
 * Error when it cannot be.
 */
export function checkRendering(receipt: Receipt, previous: SignedReceipt | null, findings: Findings): void {
  if (listClosings(receipt.log).at(-1) !== receipt.log.length - 1) {
    findings.add("log_broken", "it does not end with an end");
    return;
  }
  const material = materialOf(receipt);
  const again = renderRevision(material, receipt.supersedes);
  for (const member of ["revision", "issued_at", "outcome"] as const)
    if (!isSame(again[member], receipt[member])) findings.add("outcome_wrong", member);
  for (const member of ["epochs", "evidence"] as const)
    if (!isSame(again[member], receipt[member])) findings.add("evidence_wrong", member);
  checkRevision(receipt, material, previous, findings);
}

/** The receipt before is made from the same log, so it can be told from this one, unless its paths are missing here. */
function checkRevision(
  receipt: Receipt,
  material: ReceiptMaterial,
  previous: SignedReceipt | null,
  findings: Findings,
): void {
  const end = listClosings(receipt.log).at(-2);
  const isGiven =
    previous?.receipt.job.id === receipt.job.id && previous.receipt.revision === receipt.revision - 1;
  if (end === undefined) {
    if (receipt.supersedes !== null) findings.add("revision_wrong");
  } else if (isGiven || receipt.evidence.paths !== null) {
    const before = isGiven
      ? previous.receipt
      : renderReceipt({ ...material, log: receipt.log.slice(0, end + 1) });
    const follows = before !== null && receiptDigest(before) === receipt.supersedes;
    findings.add(follows ? "revision_follows" : "revision_wrong");
  } else findings.add("revision_unknown");
}
