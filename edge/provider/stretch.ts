import type { Stretch } from "@infernet/protocol/challenge/stretch";

/** By Web Crypto, which the platform lets take 100,000 iterations in one call. */
export const stretch: Stretch = async (password, salt, iterations) => {
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const salted = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(salted, key, 256));
};
