import type { Bytes } from "@infernet/schemas/digest";
import { hex } from "@scure/base";
import { commitmentMessage } from "../../solana/layout.ts";
import { type Address, addressBytes } from "../address.ts";
import { assertLength } from "../assert-length.ts";
import { EscrowError } from "../escrow-error.ts";
import { slashBond } from "../instructions/slash-bond.ts";
import { verifySignatures } from "../instructions/verify-signatures.ts";
import { createTokenAccount, deriveTokenAccount } from "../token-account.ts";
import type { SignedTransaction } from "../transaction/signed-transaction.ts";
import { verifyEd25519 } from "../verify-ed25519.ts";
import { type Fees, type Preparation, prepareTransaction } from "./prepare-transaction.ts";

/** A root that a provider committed to, and its signature over both hashes (`commitmentMessage`). */
export interface SignedCommitment {
  /** sha256 of the commitment's context: 32 bytes. */
  context_hash: Uint8Array;
  /** 32 bytes. */
  root: Uint8Array;
  /** 64 bytes. */
  signature: Uint8Array;
}

export interface SlashTerms {
  provider: Address;
  mint: Address;
  /** Gets half of the bond in its associated token account, which is made if there is none. */
  reporter: Address;
  /** One context, two roots. */
  evidence: readonly [SignedCommitment, SignedCommitment];
}

/** Throws evidence_invalid when a bond does not answer for these two. */
export async function prepareSlash(
  by: Preparation,
  { provider, mint, reporter, evidence }: SlashTerms,
  fees: Fees,
): Promise<SignedTransaction> {
  await assertEvidence(provider, evidence);
  const { rent_payer } = await by.reader.readBond(provider, mint);
  const public_key = addressBytes(provider);
  const shown = evidence.map((one) => ({ signature: one.signature, public_key, message: messageOf(one) }));
  const slash = slashBond(by.program, {
    provider,
    mint,
    reporter_token: deriveTokenAccount(reporter, mint),
    rent_payer,
  });
  const account = createTokenAccount(fees.fee_payer.address, reporter, mint);
  return prepareTransaction(by, [account, verifySignatures(shown), slash], [], fees);
}

async function assertEvidence(provider: Address, evidence: SlashTerms["evidence"]): Promise<void> {
  const [one, other] = evidence;
  for (const { context_hash, root } of evidence) {
    assertLength(context_hash, 32, "the hash of the context");
    assertLength(root, 32, "the root");
  }
  if (hex.encode(one.context_hash) !== hex.encode(other.context_hash))
    throw new EscrowError("evidence_invalid", "the two commitments were made in different contexts");
  if (hex.encode(one.root) === hex.encode(other.root))
    throw new EscrowError("evidence_invalid", "the two commitments are to one root");
  for (const commitment of evidence)
    if (!(await verifyEd25519(provider, messageOf(commitment), commitment.signature)))
      throw new EscrowError("evidence_invalid", `${provider} did not sign both so that the chain takes them`);
}

const messageOf = ({ context_hash, root }: SignedCommitment): Bytes => commitmentMessage(context_hash, root);
