import { hex } from "@scure/base";

/** Compares two sha256 in hexadecimal in a time that does not depend on where they differ. */
export const hashesEqual = (a: string, b: string): boolean =>
  a.length === b.length && crypto.subtle.timingSafeEqual(hex.decode(a), hex.decode(b));
