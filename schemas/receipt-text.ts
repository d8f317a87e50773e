import { canonicalBytes } from "./digest.ts";
import { SignedReceipt } from "./receipt.ts";

/** What was given is no receipt. */
export class ReceiptUnreadable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ReceiptUnreadable";
  }
}

/** A signed receipt as a file: canonical JSON (RFC 8785). */
export const renderReceiptText = (signed: SignedReceipt): string =>
  new TextDecoder().decode(canonicalBytes(signed));

/**
 * Reads a receipt. White space and the order of members do not matter, the rest does: a number or string that is not
 * spelled as RFC 8785 spells it is refused, so that every changed bit of a receipt as it is served is noticed, even one
 * that would leave the value the same. Throws ReceiptUnreadable.
 */
export function readReceiptText(text: string): SignedReceipt {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ReceiptUnreadable("it is not JSON", { cause: error });
  }
  for (const [token] of text.matchAll(TOKEN)) {
    const canonical = JSON.stringify(JSON.parse(token));
    if (token !== canonical)
      throw new ReceiptUnreadable(
        `it spells ${shorten(canonical)} as ${shorten(token)}: use it as it was served`,
      );
  }
  return parseSignedReceipt(value);
}

/** Strings, and numbers outside of them. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*/g;

const shorten = (token: string): string => (token.length > 40 ? `${token.slice(0, 40)}...` : token);

/** A receipt from a JSON value. Throws ReceiptUnreadable, which names the first member at fault. */
export function parseSignedReceipt(value: unknown): SignedReceipt {
  const parsed = SignedReceipt.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ReceiptUnreadable(`it is not a signed receipt: /${issue?.path.join("/")}: ${issue?.message}`);
  }
  // Members that a schema fills in when they are missing are part of what was signed.
  if (renderReceiptText(parsed.data) !== canonicalText(value))
    throw new ReceiptUnreadable("members are missing that have to be there, whatever their value");
  return parsed.data;
}

function canonicalText(value: unknown): string {
  try {
    return new TextDecoder().decode(canonicalBytes(value));
  } catch (error) {
    throw new ReceiptUnreadable("it has text that is no Unicode", { cause: error });
  }
}
