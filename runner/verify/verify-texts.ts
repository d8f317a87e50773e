import { findEquivocation } from "@infernet/protocol/receipt/equivocation";
import { type Report, verifyReceipt } from "@infernet/protocol/receipt/verify-receipt";
import type { NetworkId } from "@infernet/schemas/commitment";
import type { Bytes } from "@infernet/schemas/digest";
import { Epoch } from "@infernet/schemas/epoch";
import type { Equivocation } from "@infernet/schemas/equivocation";
import type { Receipt } from "@infernet/schemas/receipt";
import { ReceiptUnreadable, readReceiptText } from "@infernet/schemas/receipt-text";
import { z } from "zod";

/** Files, as they were read. */
export interface VerifyTexts {
  receipt: string;
  /** Epochs as the edge publishes them: one, several, or a page of them. */
  epochs?: string | undefined;
  result?: Bytes | undefined;
  /** Another receipt of the network. */
  against?: string | undefined;
  network?: NetworkId | undefined;
}

export interface Verified {
  receipt: Receipt;
  report: Report;
  /** Proof that the network contradicts itself in the two receipts; null when it does not, or there is one only. */
  equivocation: Equivocation | null;
}

const Epochs = z.union([
  Epoch.transform((epoch) => [epoch]),
  z.array(Epoch),
  z.object({ data: z.array(Epoch) }).transform(({ data }) => data),
]);

/** Verifies a receipt without any network, in Node, in a Worker or in a browser. Throws ReceiptUnreadable. */
export async function verifyTexts(texts: VerifyTexts): Promise<Verified> {
  const { network, result } = texts;
  const signed = readReceiptText(texts.receipt);
  const other =
    texts.against === undefined ? undefined : read("the other receipt", texts.against, readReceiptText);
  const epochs = texts.epochs === undefined ? undefined : read("the epochs", texts.epochs, readEpochs);
  const report = await verifyReceipt(signed, { network, result, epochs, previous: other });
  const equivocation = other === undefined ? null : await findEquivocation(signed, other);
  return { receipt: signed.receipt, report, equivocation };
}

function readEpochs(text: string): Epoch[] {
  const parsed = Epochs.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new ReceiptUnreadable("neither an epoch as GET /epochs/<n> answers, nor a list of them");
}

function read<T>(name: string, text: string, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (error) {
    throw new ReceiptUnreadable(`${name}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
