import type { TransactionInstruction } from "@solana/web3.js";
import { encodeRefund } from "../../solana/layout.ts";
import type { Address } from "../address.ts";
import { deriveTokenAccount } from "../token-account.ts";
import { createInstruction } from "./create-instruction.ts";
import { role, TOKEN } from "./role.ts";

export interface RefundEscrow {
  escrow: Address;
  mint: Address;
  client: Address;
  /** A token account of the client. */
  client_token: Address;
  rent_payer: Address;
  aggregator: Address;
  /** Before the deadline the aggregator has to sign; after it nobody does. */
  isEarly: boolean;
}

/** Everything back to the client; escrow and vault are closed. */
export function refundEscrow(program: Address, refund: RefundEscrow): TransactionInstruction {
  const { escrow, mint } = refund;
  return createInstruction(
    program,
    [
      role(escrow, "writable"),
      role(deriveTokenAccount(escrow, mint), "writable"),
      role(refund.client),
      role(refund.client_token, "writable"),
      role(refund.rent_payer, "writable"),
      role(refund.aggregator, refund.isEarly ? "signer" : "readonly"),
      role(TOKEN),
    ],
    encodeRefund(),
  );
}
