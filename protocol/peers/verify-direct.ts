import { commitmentRoot, commitmentStatement } from "@infernet/schemas/commitment";
import { canonicalBytes } from "@infernet/schemas/digest";
import { isSignedByRunner } from "@infernet/schemas/ed25519";
import { directContext, receiptBytes, type SignedDirectReceipt } from "@infernet/schemas/peer/direct-receipt";
import type { Tensor } from "@infernet/schemas/tensor";
import { rowCount } from "@infernet/schemas/tensor-rows";

/** What a receipt of a direct job shows, or fails to. */
export type DirectFinding =
  | "offer_signed"
  | "provider_signed"
  | "client_signed"
  | "commitment_signed"
  | "price_within_offer"
  | "within_deadline"
  | "outputs_committed"
  | "client_unsigned"
  | "outputs_unknown"
  | "rows_unchecked"
  | "offer_forged"
  | "provider_forged"
  | "client_forged"
  | "commitment_forged"
  | "price_above_offer"
  | "after_deadline"
  | "payment_other"
  | "outputs_other";

export interface DirectReport {
  verdict: "holds" | "refuted";
  proven: DirectFinding[];
  not_proven: DirectFinding[];
  refuted: DirectFinding[];
}

/**
 * Says what a direct job's receipt proves. Offline: signatures, the commitment and what the offer allowed are checked; that the
 * rows are what the model gives is not, for nobody has computed them twice.
 *
 * @param outputs what came back, where it is at hand
 */
export async function verifyDirect(
  signed: SignedDirectReceipt,
  outputs: readonly Tensor[] | null,
): Promise<DirectReport> {
  const { receipt, provider_signature, client_signature } = signed;
  const { offer } = receipt;
  const report: DirectReport = { verdict: "holds", proven: [], not_proven: ["rows_unchecked"], refuted: [] };
  const judge = (isSo: boolean, yes: DirectFinding, no: DirectFinding): void =>
    void (isSo ? report.proven : report.refuted).push(isSo ? yes : no);
  const bytes = receiptBytes(receipt);
  const context = directContext(receipt);

  judge(
    await isSignedByRunner(offer.client, canonicalBytes(offer), receipt.offer_signature),
    "offer_signed",
    "offer_forged",
  );
  judge(
    await isSignedByRunner(offer.provider, bytes, provider_signature),
    "provider_signed",
    "provider_forged",
  );
  if (client_signature === null) report.not_proven.push("client_unsigned");
  else judge(await isSignedByRunner(offer.client, bytes, client_signature), "client_signed", "client_forged");
  judge(
    await isSignedByRunner(offer.provider, commitmentStatement(context, receipt.root), receipt.commitment),
    "commitment_signed",
    "commitment_forged",
  );
  judge(
    BigInt(receipt.price_micro) <= BigInt(offer.price_micro_max),
    "price_within_offer",
    "price_above_offer",
  );
  judge(receipt.finished_ms <= offer.deadline_ms, "within_deadline", "after_deadline");
  if (!isPaidAsOffered(receipt)) report.refuted.push("payment_other");
  if (outputs === null) report.not_proven.push("outputs_unknown");
  else judge(isCommittedTo(signed, outputs), "outputs_committed", "outputs_other");
  return { ...report, verdict: report.refuted.length > 0 ? "refuted" : "holds" };
}

function isPaidAsOffered({ offer: { payment }, paid }: SignedDirectReceipt["receipt"]): boolean {
  if (payment.kind === "free" || paid.kind === "free") return payment.kind === paid.kind;
  return payment.escrow === paid.escrow;
}

/** Whether the receipt's commitment is to these very outputs. */
function isCommittedTo(
  { receipt }: Pick<SignedDirectReceipt, "receipt">,
  outputs: readonly Tensor[],
): boolean {
  const [first] = outputs;
  if (first === undefined || rowCount(first) !== receipt.offer.rows) return false;
  try {
    return commitmentRoot(directContext(receipt), outputs) === receipt.root;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
