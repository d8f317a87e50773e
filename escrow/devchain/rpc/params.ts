import { type Address, getBase58Encoder, isAddress } from "@solana/kit";
import { COMMITMENTS, type Commitment, isCommitment } from "../chain/commitment.ts";
import { invalidParams } from "./rpc-error.ts";

/** The options that come after a method's own parameters. */
export type Config = Readonly<Record<string, unknown>>;

/** What a node takes when it is not told. */
const DEFAULT_COMMITMENT: Commitment = "finalized";

export function parseAddress(value: unknown, name: string): Address {
  if (typeof value === "string" && isAddress(value)) return value;
  throw invalidParams(`${name} must be an address: 32 bytes in base58`);
}

/** A signature or a hash. */
export function parseBase58(value: unknown, name: string, bytes: number): string {
  if (typeof value === "string" && base58Length(value) === bytes) return value;
  throw invalidParams(`${name} must be ${bytes} bytes in base58`);
}

export const parseSignature = (value: unknown, name = "signature"): string => parseBase58(value, name, 64);

export function parseText(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  throw invalidParams(`${name} must be a string`);
}

export function parseBoolean(value: unknown, name: string): boolean {
  if (typeof value === "boolean") return value;
  throw invalidParams(`${name} must be true or false`);
}

export function parseInteger(value: unknown, name: string, max = Number.MAX_SAFE_INTEGER): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= max) return value;
  throw invalidParams(`${name} must be a whole number from 0 to ${max}`);
}

export function parseList(value: unknown, name: string, max: number): readonly unknown[] {
  if (!Array.isArray(value)) throw invalidParams(`${name} must be an array`);
  if (value.length > max)
    throw invalidParams(`${name} has ${value.length} entries, at most ${max} are allowed`);
  return value;
}

export function parseConfig(value: unknown, name = "the options"): Config {
  if (value === undefined || value === null) return {};
  if (typeof value === "object" && !Array.isArray(value)) return { ...value };
  throw invalidParams(`${name} must be an object`);
}

export function parseCommitment(value: unknown): Commitment {
  if (value === undefined || value === null) return DEFAULT_COMMITMENT;
  if (isCommitment(value)) return value;
  throw invalidParams(`commitment must be one of ${COMMITMENTS.join(", ")}`);
}

/** The commitment of methods that older clients give it to bare, not in an object. */
export const parseCommitmentConfig = (value: unknown): Commitment =>
  parseCommitment(typeof value === "string" ? value : parseConfig(value).commitment);

export function parseBytes(value: unknown, name: string, encoding: "base58" | "base64"): Uint8Array {
  const text = parseText(value, name);
  if (encoding === "base64") {
    // Node passes over what is no base64; whoever sends it should hear of it.
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw invalidParams(`${name} is no base64`);
    return Uint8Array.from(Buffer.from(text, "base64"));
  }
  try {
    return Uint8Array.from(getBase58Encoder().encode(text));
  } catch {
    throw invalidParams(`${name} is no base58`);
  }
}

function base58Length(text: string): number | null {
  try {
    return getBase58Encoder().encode(text).length;
  } catch {
    return null;
  }
}
