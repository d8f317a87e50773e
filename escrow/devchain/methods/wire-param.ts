import { readWireTransaction, type WireTransaction } from "../chain/wire-transaction.ts";
import { orInvalid } from "../rpc/or-invalid.ts";
import { type Config, parseBytes } from "../rpc/params.ts";
import { invalidParams } from "../rpc/rpc-error.ts";

/** The transaction that a method is given; who names no encoding gives it in base58. */
export function parseWireTransaction(text: unknown, { encoding = "base58" }: Config): WireTransaction {
  if (encoding !== "base58" && encoding !== "base64")
    throw invalidParams("encoding must be base58 or base64");
  const bytes = parseBytes(text, "the transaction", encoding);
  return orInvalid(() => readWireTransaction(bytes));
}
