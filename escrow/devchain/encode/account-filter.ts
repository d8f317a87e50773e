import type { EncodedAccount } from "@solana/kit";
import { parseBytes, parseConfig, parseInteger, parseList } from "../rpc/params.ts";
import { invalidParams } from "../rpc/rpc-error.ts";

/** A validator's own limits. */
const FILTERS_MAX = 4;
const MEMCMP_BYTES_MAX = 128;

export type AccountFilter = (account: EncodedAccount) => boolean;

/** The filters of `getProgramAccounts`, as one that passes what all of them pass. */
export function parseAccountFilters(value: unknown): AccountFilter {
  if (value === undefined || value === null) return () => true;
  const filters = parseList(value, "filters", FILTERS_MAX).map(parseFilter);
  return (account) => filters.every((passes) => passes(account));
}

function parseFilter(value: unknown): AccountFilter {
  const { dataSize, memcmp } = parseConfig(value, "a filter");
  if (dataSize !== undefined) {
    const bytes = parseInteger(dataSize, "dataSize");
    return ({ data }) => data.length === bytes;
  }
  if (memcmp === undefined) throw invalidParams("a filter must have dataSize or memcmp");
  const { offset: at, bytes: text, encoding = "base58" } = parseConfig(memcmp, "memcmp");
  if (encoding !== "base58" && encoding !== "base64")
    throw invalidParams("memcmp.encoding must be base58 or base64");
  const offset = parseInteger(at, "memcmp.offset");
  const bytes = Buffer.from(parseBytes(text, "memcmp.bytes", encoding));
  if (bytes.length > MEMCMP_BYTES_MAX)
    throw invalidParams(`memcmp.bytes has at most ${MEMCMP_BYTES_MAX} bytes`);
  return ({ data }) => bytes.equals(data.slice(offset, offset + bytes.length));
}
