import { canonicalBytes } from "@infernet/schemas/digest";

/** Whether two JSON values say the same: their canonical forms (RFC 8785) are equal. */
export function isSame(a: unknown, b: unknown): boolean {
  const decoder = new TextDecoder();
  return decoder.decode(canonicalBytes(a)) === decoder.decode(canonicalBytes(b));
}
