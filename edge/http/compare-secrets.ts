import { type Sha256, sha256 } from "@infernet/schemas/digest";

const utf8 = new TextEncoder();

/** Whether two secrets are equal, in a time that does not tell how much of them is. */
export async function secretsEqual(a: string, b: string): Promise<boolean> {
  const [left, right] = await Promise.all([
    crypto.subtle.digest("SHA-256", utf8.encode(a)),
    crypto.subtle.digest("SHA-256", utf8.encode(b)),
  ]);
  return crypto.subtle.timingSafeEqual(left, right);
}

/** What is kept of an API key. 256 random bits need no slow hash. */
export const hashSecret = (secret: string): Promise<Sha256> => sha256(new Uint8Array(utf8.encode(secret)));
