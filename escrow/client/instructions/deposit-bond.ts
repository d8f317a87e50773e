import type { TransactionInstruction } from "@solana/web3.js";
import { encodeBondDeposit } from "../../solana/layout.ts";
import { type Address, addressBytes } from "../address.ts";
import { assertAmount } from "../amount.ts";
import { deriveBond } from "../derive-addresses.ts";
import { deriveTokenAccount } from "../token-account.ts";
import { createInstruction } from "./create-instruction.ts";
import { ASSOCIATED_TOKEN, role, SYSTEM, TOKEN } from "./role.ts";

export interface DepositBond {
  provider: Address;
  /** Pays the rent of bond and vault, and gets it back. */
  rent_payer: Address;
  source: Address;
  source_owner: Address;
  mint: Address;
  amount: bigint;
  /** Owner of the token account that releases pay. */
  payout: Address;
}

/** Opens a bond or adds to it, and ends an exit that was asked for. */
export function depositBond(program: Address, deposit: DepositBond): TransactionInstruction {
  const { provider, mint, amount } = deposit;
  assertAmount(amount, "the bond", 1n);
  const bond = deriveBond(program, provider, mint);
  return createInstruction(
    program,
    [
      role(provider, "signer"),
      role(deposit.rent_payer, "signer, writable"),
      role(bond.address, "writable"),
      role(deriveTokenAccount(bond.address, mint), "writable"),
      role(deposit.source, "writable"),
      role(deposit.source_owner, "signer"),
      role(mint),
      role(TOKEN),
      role(ASSOCIATED_TOKEN),
      role(SYSTEM),
    ],
    encodeBondDeposit({ bump: bond.bump, amount, payout: addressBytes(deposit.payout) }),
  );
}
