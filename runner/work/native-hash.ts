import * as crypto from "node:crypto";
import type { Hash } from "@infernet/schemas/hash";

/**
 * SHA-256 by the platform's own code, about three times as fast on short inputs as that of `schemas/hash.ts`. Node before
 * 20.12 has no `hash`, which needs no object for each call.
 */
export const hashNative: Hash =
  "hash" in crypto
    ? (bytes) => crypto.hash("sha256", bytes, "buffer")
    : (bytes) => crypto.createHash("sha256").update(bytes).digest();
