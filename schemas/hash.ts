import { hmac } from "@noble/hashes/hmac.js";
import { sha256 as sha256OfNoble } from "@noble/hashes/sha2.js";
import { hex } from "@scure/base";
import type { Bytes } from "./digest.ts";
import { Sha256 } from "./digest.ts";

/** A hash function as the trees and draws take it: synchronous, so that rules stay pure functions. */
export type Hash = (bytes: Uint8Array) => Uint8Array;

/** SHA-256 (FIPS 180-4) without waiting, for many small inputs; `sha256` of `digest.ts` is for large ones. */
export const hashSha256: Hash = (bytes) => sha256OfNoble(bytes);

/** HMAC-SHA-256 (RFC 2104): 32 bytes. */
export const hmacSha256 = (key: Uint8Array, message: Uint8Array): Uint8Array =>
  hmac(sha256OfNoble, key, message);

/** 32 raw bytes as the digest's text, and back. */
export const renderHash = (hash: Uint8Array): Sha256 => Sha256.parse(hex.encode(hash));
export const parseHash = (text: Sha256): Bytes => new Uint8Array(hex.decode(text));
