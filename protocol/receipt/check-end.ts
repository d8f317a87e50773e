import { decideEnd } from "../job-end.ts";
import { refundFor } from "../settlement.ts";
import { checkBegun } from "./check-begun.ts";
import type { CheckContext } from "./check-context.ts";
import { isSame } from "./is-same.ts";
import type { Step } from "./replay-log.ts";

/**
 * Whether the job was over when it was ended, in the way that it was. That a client canceled, or why results could not be
 * merged, is the aggregator's word.
 */
export function checkEnd(context: CheckContext, { before, entry }: Step): void {
  const { receipt, findings } = context;
  const { fact, at_ms, seq } = entry;
  const end = decideEnd(before, at_ms, receipt.job.deadline_ms);
  const place = `fact ${seq}: ${fact.kind}`;
  switch (fact.kind) {
    case "succeeded":
      if (end?.kind === "complete") findings.add("end_follows", null, receipt.job.shards);
      else findings.add("end_wrong", place);
      return;
    case "expired":
      if (end?.kind !== "expired") findings.add("end_wrong", place);
      checkBegun(context, before, fact.delivered?.begun ?? [], null);
      return;
    case "canceled":
      checkBegun(context, before, fact.begun ?? [], null);
      return;
    case "upheld":
      if (end?.kind !== "recall_over" || end.shards.length > 0) findings.add("end_wrong", place);
      return;
    case "revoked":
      if (end?.kind !== "recall_over" || !isSame(end.shards, fact.shards)) findings.add("end_wrong", place);
      else if (refundFor(before, receipt.job.price, fact.shards) !== BigInt(fact.refund_micro))
        findings.add("refund_wrong", place);
      return;
    default:
      return;
  }
}
