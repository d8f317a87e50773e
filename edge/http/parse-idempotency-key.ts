import { InfernetError } from "@infernet/schemas/errors";
import { LIMITS } from "@infernet/schemas/limits";

const QUOTED = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;

/**
 * The `Idempotency-Key` header (draft-ietf-httpapi-idempotency-key-header): a structured-field string, or the bare
 * value that most clients send. Null without the header.
 */
export function parseIdempotencyKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  const text = header.trim();
  const key = QUOTED.exec(text)?.[1]?.replaceAll(/\\(["\\])/g, "$1") ?? text;
  if (!/^[\x21-\x7e]+$/.test(key) || key.length > LIMITS.idempotency_key_chars_max) {
    throw new InfernetError(
      "header_invalid",
      `Idempotency-Key takes 1 to ${LIMITS.idempotency_key_chars_max} visible ASCII characters.`,
    );
  }
  return key;
}
