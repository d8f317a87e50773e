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
import { base64 } from "@scure/base";
import { z } from "zod";
import type { BondDesk, SlashOutcome, SlashPreparation } from "./bond-desk.ts";
import { addressOf, findBond } from "./solana-payees.ts";
import { onChain } from "./translate-escrow-error.ts";

const Step = z.strictObject({
  signature: z.string(),
  /** The signed transaction in base64. */
  raw: z.string(),
  last_valid_block_height: z.int(),
  /** The bond when this was signed. */
  amount: z.string().regex(/^\d+$/),
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

const renderStep = ({ signature, raw, last_valid_block_height }: SignedTransaction, amount: bigint): string =>
  JSON.stringify({
    signature,
    raw: base64.encode(raw),
    last_valid_block_height,
    amount: amount.toString(),
  } satisfies z.infer<typeof Step>);

async function advanceSlash(client: EscrowClient, step: string): Promise<SlashOutcome> {
  const { signature, raw, last_valid_block_height, amount } = Step.parse(JSON.parse(step));
  const transaction = { signature, raw: new Uint8Array(base64.decode(raw)), last_valid_block_height };
  const outcome = await client.advance(transaction);
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
      return { state: "done", reference: signature, amount: BigInt(amount) };
    default:
      return outcome satisfies never;
  }
}
