import type { TransactionInstruction } from "@solana/web3.js";
import { encodeOpen, FEE_BPS_MAX } from "../../solana/layout.ts";
import type { Address } from "../address.ts";
import { assertAmount } from "../amount.ts";
import { assertLength } from "../assert-length.ts";
import { deriveEscrow } from "../derive-addresses.ts";
import { EscrowError } from "../escrow-error.ts";
import { deriveTokenAccount } from "../token-account.ts";
import { createInstruction } from "./create-instruction.ts";
import { ASSOCIATED_TOKEN, role, SYSTEM, TOKEN } from "./role.ts";

/** Who may be paid: the owners under a Merkle root, or whoever has bonded at least `min_bond` of the mint. */
export type PayeeTerms = { kind: "committed"; root: Uint8Array } | { kind: "bonded"; min_bond: bigint };

export interface OpenEscrow {
  client: Address;
  /** Pays the rent of escrow and vault, and gets it back. */
  rent_payer: Address;
  /** The client's token account that the deposit comes from. */
  source: Address;
  mint: Address;
  aggregator: Address;
  /** 32 bytes, one for each escrow of the client. */
  id: Uint8Array;
  /** The aggregator's fee in hundredths of a percent of all that is paid out: at most 200. */
  fee_bps: number;
  payees: PayeeTerms;
  /** Unix seconds: at most 90 days away. Until then money is released, from then on anybody can refund it. */
  deadline: bigint;
  /** The deposit: may be 0, to be topped up later. */
  amount: bigint;
}

export function openEscrow(program: Address, open: OpenEscrow): TransactionInstruction {
  const { client, mint, id, fee_bps, payees } = open;
  assertAmount(open.amount, "the deposit");
  if (!Number.isInteger(fee_bps) || fee_bps < 0 || fee_bps > FEE_BPS_MAX)
    throw new EscrowError("argument_invalid", `fee_bps is ${fee_bps}; it has to be from 0 to ${FEE_BPS_MAX}`);
  const escrow = deriveEscrow(program, client, id);
  return createInstruction(
    program,
    [
      role(client, "signer"),
      role(open.rent_payer, "signer, writable"),
      role(escrow.address, "writable"),
      role(deriveTokenAccount(escrow.address, mint), "writable"),
      role(open.source, "writable"),
      role(mint),
      role(open.aggregator),
      role(TOKEN),
      role(ASSOCIATED_TOKEN),
      role(SYSTEM),
    ],
    encodeOpen({
      bump: escrow.bump,
      fee_bps,
      deadline: open.deadline,
      amount: open.amount,
      id,
      ...encodeTerms(payees),
    }),
  );
}

function encodeTerms(terms: PayeeTerms): { payee_rule: 1 | 2; min_bond: bigint; payees: Uint8Array } {
  if (terms.kind === "committed") {
    assertLength(terms.root, 32, "the root of the payees");
    return { payee_rule: 1, min_bond: 0n, payees: terms.root };
  }
  assertAmount(terms.min_bond, "the least bond", 1n);
  return { payee_rule: 2, min_bond: terms.min_bond, payees: new Uint8Array(32) };
}
