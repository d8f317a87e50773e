import { type DirectFinding, type DirectReport, verifyDirect } from "@infernet/protocol/peers/verify-direct";
import { type DirectReceipt, SignedDirectReceipt } from "@infernet/schemas/peer/direct-receipt";
import { ReceiptUnreadable } from "@infernet/schemas/receipt-text";
import { decodeTensors } from "@infernet/schemas/tensors-binary";

export interface VerifiedDirect {
  receipt: DirectReceipt;
  report: DirectReport;
}

/**
 * What the text of a direct job's receipt proves; null when it is no such receipt. Throws ReceiptUnreadable when it is one that
 * cannot be read.
 *
 * @param result the rows in the binary form, as `run --out FILE.cbor` writes them
 */
export async function verifyDirectText(
  text: string,
  result: Uint8Array | undefined,
): Promise<VerifiedDirect | null> {
  const value = parseJson(text);
  if (!isObject(value) || value.object !== "direct_receipt") return null;
  const parsed = SignedDirectReceipt.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ReceiptUnreadable(`it is not a direct receipt: /${issue?.path.join("/")}: ${issue?.message}`);
  }
  const report = await verifyDirect(parsed.data, result === undefined ? null : readResult(result));
  return { receipt: parsed.data.receipt, report };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function readResult(bytes: Uint8Array) {
  try {
    return decodeTensors(bytes);
  } catch (error) {
    throw new ReceiptUnreadable(`the result: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

const WORDS: Record<DirectFinding, string> = {
  offer_signed: "The client signed the offer",
  provider_signed: "The provider signed this receipt, and nothing in it was changed since",
  client_signed: "The client signed it too: the answer came",
  commitment_signed: "The provider signed a commitment to client, offer, model, class and rows",
  price_within_offer: "The price is within what was offered",
  within_deadline: "It was done by the deadline, by the provider's clock",
  outputs_committed: "The rows that were given are the ones that were committed to",
  client_unsigned: "Whether the client has the answer: its signature is missing",
  outputs_unknown: "Which rows they are: give them with --result",
  rows_unchecked: "Whether they are what the model gives: nobody has computed them twice",
  offer_forged: "The client did not sign this offer",
  provider_forged: "The provider did not sign this receipt",
  client_forged: "The client did not sign this receipt",
  commitment_forged: "The provider did not sign this commitment",
  price_above_offer: "The price is above what was offered",
  after_deadline: "It was done after the deadline",
  payment_other: "It was paid in another way than was offered",
  outputs_other: "The rows that were given are others than were committed to",
};

/** What verifying found, for a person. */
export function renderDirectReport({ receipt, report }: VerifiedDirect): string {
  const { offer, price_micro, paid, finished_ms } = receipt;
  const lines = [
    `Receipt of the direct job ${offer.id}, done ${new Date(finished_ms).toISOString()}`,
    `  client     ${offer.client}`,
    `  provider   ${offer.provider}`,
    `  model      ${offer.model}`,
    `  work       ${offer.rows} row${offer.rows === 1 ? "" : "s"} as ${receipt.execution_class}`,
    `  price      ${price_micro} micro-units${paid.kind === "free" ? "" : `, on the escrow ${paid.escrow}`}`,
    `  input      ${offer.inputs.sha256}`,
  ];
  const parts = [
    ["Proven", "+", report.proven],
    ["Not proven here", "?", report.not_proven],
    ["Refuted", "-", report.refuted],
  ] as const;
  for (const [heading, mark, findings] of parts)
    if (findings.length > 0) lines.push("", heading, ...findings.map((one) => `  ${mark} ${WORDS[one]}`));
  lines.push("", report.verdict === "holds" ? "This receipt holds." : "This receipt does not hold.");
  return `${lines.join("\n")}\n`;
}
