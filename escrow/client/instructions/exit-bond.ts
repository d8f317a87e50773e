import type { TransactionInstruction } from "@solana/web3.js";
import { encodeBondExit } from "../../solana/layout.ts";
import type { Address } from "../address.ts";
import { deriveBond } from "../derive-addresses.ts";
import { deriveTokenAccount } from "../token-account.ts";
import { createInstruction } from "./create-instruction.ts";
import { role, TOKEN } from "./role.ts";

export interface ExitBond {
  provider: Address;
  mint: Address;
  /** The token account that gets the bond. */
  destination: Address;
  rent_payer: Address;
}

/** The whole bond to its provider, seven days after it asked; bond and vault are closed. */
export function exitBond(program: Address, exit: ExitBond): TransactionInstruction {
  const { address: bond } = deriveBond(program, exit.provider, exit.mint);
  return createInstruction(
    program,
    [
      role(exit.provider, "signer"),
      role(bond, "writable"),
      role(deriveTokenAccount(bond, exit.mint), "writable"),
      role(exit.destination, "writable"),
      role(exit.rent_payer, "writable"),
      role(TOKEN),
    ],
    encodeBondExit(),
  );
}
