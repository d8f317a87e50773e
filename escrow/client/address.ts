import type { Bytes } from "@infernet/schemas/digest";
import { base58 } from "@scure/base";
import { PublicKey } from "@solana/web3.js";
import { z } from "zod";
import { EscrowError } from "./escrow-error.ts";

/** An account's address, which for a wallet is its public key: 32 bytes in base58. */
export const Address = z
  .string()
  .min(32)
  .max(44)
  .refine(isAddress, "is not 32 bytes in base58")
  .brand<"Address">();
export type Address = z.infer<typeof Address>;

function isAddress(text: string): boolean {
  try {
    return base58.decode(text).length === 32;
  } catch {
    return false;
  }
}

/** Throws address_invalid. */
export function parseAddress(text: string): Address {
  const parsed = Address.safeParse(text);
  if (!parsed.success) throw new EscrowError("address_invalid", `'${text}' is not an address`);
  return parsed.data;
}

/** @param key 32 raw bytes */
export const renderAddress = (key: Uint8Array): Address => parseAddress(base58.encode(key));

/** The address's 32 raw bytes. */
export const addressBytes = (address: Address): Bytes => new Uint8Array(base58.decode(address));

export const publicKeyOf = (address: Address): PublicKey => new PublicKey(addressBytes(address));

export const addressOf = (key: PublicKey): Address => renderAddress(key.toBytes());
