import { base64urlnopad } from "@scure/base";
import { z } from "zod";
import type { Bytes } from "../digest.ts";
import { LIMITS } from "../limits.ts";

/** Base64url of a signed record, as messages in JSON carry it; says nothing about whether it holds. */
export const PeerRecordText = z
  .string()
  .max(Math.ceil((LIMITS.peer_record_bytes_max * 4) / 3))
  .regex(/^[A-Za-z0-9_-]+$/, "is not base64url")
  .meta({ id: "PeerRecordText" });
export type PeerRecordText = z.infer<typeof PeerRecordText>;

export const renderRecordText = (bytes: Uint8Array): PeerRecordText => base64urlnopad.encode(bytes);

/** The bytes; none where it is no base64url after all, which no record is. */
export function parseRecordText(text: PeerRecordText): Bytes {
  try {
    return new Uint8Array(base64urlnopad.decode(text));
  } catch {
    return new Uint8Array();
  }
}
