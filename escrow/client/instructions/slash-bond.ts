import type { TransactionInstruction } from "@solana/web3.js";
import { encodeSlash } from "../../solana/layout.ts";
import type { Address } from "../address.ts";
import { deriveBond } from "../derive-addresses.ts";
import { deriveTokenAccount } from "../token-account.ts";
import { createInstruction } from "./create-instruction.ts";
import { INSTRUCTIONS_SYSVAR, role, TOKEN } from "./role.ts";

export interface SlashBond {
  provider: Address;
  mint: Address;
  /** The token account that gets half; the other half is burned. */
  reporter_token: Address;
  rent_payer: Address;
}

/** Stands just behind the Ed25519 instruction with the provider's two signatures. */
export function slashBond(program: Address, slash: SlashBond): TransactionInstruction {
  const { address: bond } = deriveBond(program, slash.provider, slash.mint);
  return createInstruction(
    program,
    [
      role(bond, "writable"),
      role(deriveTokenAccount(bond, slash.mint), "writable"),
      role(slash.mint, "writable"),
      role(slash.reporter_token, "writable"),
      role(slash.rent_payer, "writable"),
      role(INSTRUCTIONS_SYSVAR),
      role(TOKEN),
    ],
    encodeSlash(),
  );
}
