import type { TransactionInstruction } from "@solana/web3.js";
import { encodeTopUp } from "../../solana/layout.ts";
import type { Address } from "../address.ts";
import { assertAmount } from "../amount.ts";
import { deriveTokenAccount } from "../token-account.ts";
import { createInstruction } from "./create-instruction.ts";
import { role, TOKEN } from "./role.ts";

export interface TopUpEscrow {
  /** Whoever pays: need not be the client. */
  funder: Address;
  /** The funder's token account. */
  source: Address;
  client: Address;
  escrow: Address;
  mint: Address;
  /** May be 0, to move the deadline only. */
  amount: bigint;
  /** A later deadline in Unix seconds, for which the client signs too; null leaves it as it is. */
  deadline: bigint | null;
}

export function topUpEscrow(program: Address, topUp: TopUpEscrow): TransactionInstruction {
  const { escrow, mint, amount, deadline } = topUp;
  assertAmount(amount, "the top-up");
  return createInstruction(
    program,
    [
      role(topUp.funder, "signer"),
      role(topUp.client, deadline === null ? "readonly" : "signer"),
      role(escrow, "writable"),
      role(deriveTokenAccount(escrow, mint), "writable"),
      role(topUp.source, "writable"),
      role(TOKEN),
    ],
    encodeTopUp({ amount, deadline: deadline ?? 0n }),
  );
}
