import { type Address, type EncodedAccount, getBase58Decoder, type ReadonlyUint8Array } from "@solana/kit";
import { type Config, parseConfig, parseInteger } from "../rpc/params.ts";
import { invalidParams, RpcError } from "../rpc/rpc-error.ts";
import { parsedTokenData } from "./token-account.ts";

/** Longer data a validator does not write in base58, which takes quadratic time. */
const BASE58_BYTES_MAX = 128;

export const ENCODINGS = ["binary", "base58", "base64", "jsonParsed"] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** How a caller wants to see accounts. */
export interface AccountView {
  encoding: Encoding;
  slice: { offset: number; length: number } | null;
}

/** From a method's options; a caller who names no encoding gets bare base58, as ever. */
export function parseAccountView({ encoding = "binary", dataSlice }: Config): AccountView {
  if (!isEncoding(encoding)) throw invalidParams(`encoding must be one of ${ENCODINGS.slice(1).join(", ")}`);
  if (dataSlice === undefined || dataSlice === null) return { encoding, slice: null };
  const { offset, length } = parseConfig(dataSlice, "dataSlice");
  return {
    encoding,
    slice: {
      offset: parseInteger(offset, "dataSlice.offset"),
      length: parseInteger(length, "dataSlice.length"),
    },
  };
}

/**
 * An account's data in the encoding asked for; with `jsonParsed`, what is neither a token account nor a mint comes in base64.
 *
 * @param decimals of a mint
 */
export function encodeData(
  account: EncodedAccount,
  { encoding, slice }: AccountView,
  decimals: (mint: Address) => number,
): unknown {
  if (encoding === "jsonParsed") {
    const parsed = parsedTokenData(account, decimals);
    if (parsed) return parsed;
  }
  const data = slice ? account.data.slice(slice.offset, slice.offset + slice.length) : account.data;
  switch (encoding) {
    case "binary":
      return base58(data);
    case "base58":
      return [base58(data), "base58"];
    case "base64":
    case "jsonParsed":
      return [Buffer.from(data).toString("base64"), "base64"];
    default:
      return encoding satisfies never;
  }
}

function base58(data: ReadonlyUint8Array): string {
  if (data.length <= BASE58_BYTES_MAX) return getBase58Decoder().decode(data);
  throw new RpcError(
    "invalid_request",
    `Encoded binary (base 58) data should be less than ${BASE58_BYTES_MAX} bytes, please use Base64 encoding.`,
  );
}

const isEncoding = (value: unknown): value is Encoding => ENCODINGS.some((encoding) => encoding === value);
