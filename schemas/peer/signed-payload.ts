import { z } from "zod";
import { decodeBinary, encodeBinary } from "../binary.ts";
import { renderSignature, Signature } from "../commitment.ts";
import { type Bytes, canonicalBytes } from "../digest.ts";

/**
 * A statement as peers hand it on: the canonical JSON (RFC 8785) that was signed, byte for byte, and the Ed25519 signature over it
 * (RFC 8032). Its member `type` says what it is, so that no signature made for one thing is one of another. What is
 * spelled in another way is refused: a name that stands twice would say one thing to one reader and another to the next.
 */
const SignedPayload = z.strictObject({ payload: z.instanceof(Uint8Array), signature: Signature });

/** The statement and its signature in the binary form. */
export async function sealPayload(
  statement: Readonly<Record<string, unknown>>,
  sign: (bytes: Bytes) => Promise<Uint8Array> | Uint8Array,
): Promise<Bytes> {
  const payload = canonicalBytes(statement);
  return encodeBinary({ payload, signature: renderSignature(await sign(payload)) });
}

/** What a signed payload says, before anybody has looked at who signed it. Null when it is none, or says something else. */
export function openPayload<T>(
  bytes: Uint8Array,
  schema: z.ZodType<T>,
): { statement: T; payload: Bytes; signature: Signature } | null {
  try {
    const { payload, signature } = SignedPayload.parse(decodeBinary(bytes));
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
    if (!isSame(payload, canonicalBytes(value))) return null;
    return { statement: schema.parse(value), payload: new Uint8Array(payload), signature };
  } catch {
    return null;
  }
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);
