import type { AccountMeta } from "@solana/web3.js";
import { PROGRAMS } from "../../solana/layout.ts";
import { type Address, parseAddress, publicKeyOf } from "../address.ts";

/** The classic token program; Token-2022 is refused by the escrow program. */
export const TOKEN = parseAddress(PROGRAMS.token);
export const ASSOCIATED_TOKEN = parseAddress(PROGRAMS.associated_token);
export const SYSTEM = parseAddress(PROGRAMS.system);
export const ED25519 = parseAddress(PROGRAMS.ed25519);
export const INSTRUCTIONS_SYSVAR = parseAddress(PROGRAMS.instructions);

type Role = "readonly" | "writable" | "signer" | "signer, writable";

/** An account as an instruction names it: whether it signs, whether it is written. */
export const role = (address: Address, how: Role = "readonly"): AccountMeta => ({
  pubkey: publicKeyOf(address),
  isSigner: how === "signer" || how === "signer, writable",
  isWritable: how === "writable" || how === "signer, writable",
});
