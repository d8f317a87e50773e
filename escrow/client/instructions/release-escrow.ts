import type { AccountMeta, TransactionInstruction } from "@solana/web3.js";
import { DEPTH_MAX, encodeRelease, PAYEES_MAX, type PayeeShare } from "../../solana/layout.ts";
import type { Address } from "../address.ts";
import { assertAmount } from "../amount.ts";
import { assertLength } from "../assert-length.ts";
import { EscrowError } from "../escrow-error.ts";
import { deriveTokenAccount } from "../token-account.ts";
import { createInstruction } from "./create-instruction.ts";
import { INSTRUCTIONS_SYSVAR, role, TOKEN } from "./role.ts";

/** Rule 1: whose owner stands at `index` of the committed set; `path` are the hashes beside its way to the root. */
export interface CommittedPayee {
  token_account: Address;
  amount: bigint;
  index: number;
  path: readonly Uint8Array[];
}

/** Rule 2: whose bond is big enough; the token account belongs to the bond's `payout`. */
export interface BondedPayee {
  token_account: Address;
  amount: bigint;
  bond: Address;
}

export type Payees =
  | { kind: "committed"; payees: readonly CommittedPayee[] }
  | { kind: "bonded"; payees: readonly BondedPayee[] };

export interface ReleaseEscrow {
  /** The client; or the aggregator, with the voucher's Ed25519 instruction just before where the escrow needs one. */
  authority: Address;
  escrow: Address;
  mint: Address;
  /** A token account of the aggregator. */
  fee_token: Address;
  /** The escrow's `releases` as it was when this release was planned: it makes a repeat fail. */
  releases: number;
  fee: bigint;
  payees: Payees;
}

export function releaseEscrow(program: Address, release: ReleaseEscrow): TransactionInstruction {
  const { escrow, mint, payees } = release;
  assertAmount(release.fee, "the fee");
  assertPayees(payees);
  return createInstruction(
    program,
    [
      role(release.authority, "signer"),
      role(escrow, "writable"),
      role(deriveTokenAccount(escrow, mint), "writable"),
      role(release.fee_token, "writable"),
      role(mint),
      role(TOKEN),
      role(INSTRUCTIONS_SYSVAR),
      ...payeeRoles(payees),
    ],
    encodeRelease({
      releases: release.releases,
      fee: release.fee,
      depth: depthOf(payees),
      payees: payeeShares(payees),
    }),
  );
}

function assertPayees({ payees }: Payees): void {
  if (payees.length === 0 || payees.length > PAYEES_MAX)
    throw new EscrowError(
      "argument_invalid",
      `a release names ${payees.length} payees; it has to name from 1 to ${PAYEES_MAX}`,
    );
  for (const [i, { amount }] of payees.entries()) assertAmount(amount, `the amount of payee ${i}`, 1n);
}

/** Of the tree of payees: every path is as long. */
function depthOf(payees: Payees): number {
  if (payees.kind === "bonded") return 0;
  const depth = payees.payees[0]?.path.length ?? 0;
  for (const { path } of payees.payees) {
    if (path.length !== depth || depth > DEPTH_MAX)
      throw new EscrowError(
        "argument_invalid",
        `paths of ${depth} and ${path.length} hashes; they have to be of one length, at most ${DEPTH_MAX}`,
      );
    for (const hash of path) assertLength(hash, 32, "a hash of a path");
  }
  return depth;
}

function payeeRoles(payees: Payees): AccountMeta[] {
  if (payees.kind === "committed")
    return payees.payees.map(({ token_account }) => role(token_account, "writable"));
  return payees.payees.flatMap(({ token_account, bond }) => [role(token_account, "writable"), role(bond)]);
}

function payeeShares(payees: Payees): PayeeShare[] {
  if (payees.kind === "bonded") return payees.payees.map(({ amount }) => ({ amount }));
  return payees.payees.map(({ amount, index, path }) => ({ amount, proof: { index, path } }));
}
