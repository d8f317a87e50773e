import type { Address } from "@infernet/escrow/client/address";
import type { EscrowClient } from "@infernet/escrow/client/escrow-client";
import { EscrowError } from "@infernet/escrow/client/escrow-error";
import type { SignedCommitment } from "@infernet/escrow/client/prepare/prepare-slash";
import type { Signer } from "@infernet/escrow/client/signer";
import type { SignedTransaction } from "@infernet/escrow/client/transaction/signed-transaction";
import { parseSignature } from "@infernet/schemas/commitment";
import { parseHash } from "@infernet/schemas/hash";
import type { SignedRoot } from "@infernet/schemas/job-fact";
import type { SlashEvidence } from "@infernet/schemas/slashing";
import type { z } from "zod";
import type { BondDesk, SlashOutcome, SlashPreparation } from "./bond-desk.ts";
import { addressOf, findBond } from "./solana-payees.ts";
import { restoreTransaction, StoredTransaction, storeTransaction, Whole } from "./stored-transaction.ts";
import { onChain } from "./translate-escrow-error.ts";

const Step = StoredTransaction.extend({
  /** The bond when this was signed. */
  amount: Whole,
});

/** Compute units: a slash uses 7,000, an account for the reporter 30,000, and finding addresses may cost several times 1,500. */
const UNIT_LIMIT = 120_000;

interface Slashing {
  client: EscrowClient;
  mint: Address;
  /** Pays for the transaction, and gets the reporter's half. */
  aggregator: Signer;
  unit_price: bigint;
}

/** Shows the program two statements of a provider that contradict each other. */
export const createSolanaBonds = (slashing: Slashing): BondDesk => ({
  prepareSlash: (evidence) => onChain(() => prepareSlash(slashing, evidence)),
  advanceSlash: (step) => onChain(() => advanceSlash(slashing.client, step)),
});

async function prepareSlash(
  { client, mint, aggregator, unit_price }: Slashing,
  { provider, context_sha256, first, second }: SlashEvidence,
): Promise<SlashPreparation> {
  const bond = await findBond(client, mint, provider);
  if (bond === null) return { kind: "no_bond" };
  const context_hash = parseHash(context_sha256);
  try {
    const transaction = await client.prepareSlash(
      {
        provider: addressOf(provider),
        mint,
        reporter: aggregator.address,
        evidence: [show(context_hash, first), show(context_hash, second)],
      },
      { fee_payer: aggregator, unit_limit: UNIT_LIMIT, unit_price },
    );
    return { kind: "prepared", step: renderStep(transaction, bond.amount) };
  } catch (error) {
    if (!(error instanceof EscrowError)) throw error;
    if (error.code === "evidence_invalid") return { kind: "refused", detail: error.message };
    if (error.code === "account_missing") return { kind: "no_bond" };
    throw error;
  }
}

const show = (context_hash: Uint8Array, { root, signature }: SignedRoot): SignedCommitment => ({
  context_hash,
  root: parseHash(root),
  signature: parseSignature(signature),
});

const renderStep = (transaction: SignedTransaction, amount: bigint): string =>
  JSON.stringify({
    ...storeTransaction(transaction),
    amount: amount.toString(),
  } satisfies z.infer<typeof Step>);

async function advanceSlash(client: EscrowClient, step: string): Promise<SlashOutcome> {
  const { amount, ...stored } = Step.parse(JSON.parse(step));
  const outcome = await client.advance(restoreTransaction(stored));
  switch (outcome.state) {
    case "unknown":
      return { state: "unknown", detail: outcome.refusal };
    case "seen":
      return { state: "pending" };
    case "expired":
      return { state: "expired" };
    case "failed":
      return { state: "failed", detail: outcome.failure.text };
    case "landed":
      return { state: "done", reference: stored.signature, amount: BigInt(amount) };
    default:
      return outcome satisfies never;
  }
}
