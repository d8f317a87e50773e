import { randomBytes } from "node:crypto";
import type { EscrowClient } from "@infernet/escrow/client/escrow-client";
import type { SignedCommitment } from "@infernet/escrow/client/prepare/prepare-slash";
import { createSeedSigner, type Signer } from "@infernet/escrow/client/signer";
import type { SignedTransaction } from "@infernet/escrow/client/transaction/signed-transaction";
import { commitmentMessage } from "@infernet/escrow/solana/layout";
import type { ChainProcess } from "../../chain/chain-process.ts";
import { land } from "../../chain/escrow.ts";
import type { Stage } from "./open-stage.ts";
import { readTransaction, type TransactionCost } from "./read-transaction.ts";

const TOP_UP = 1_000_000n;

export type OtherName = "open" | "top up" | "bond deposit" | "refund" | "slash";

/** What is not a release, once each: what opened the stage, and what ends its escrow and one of its bonds. */
export async function measureOthers(
  chain: ChainProcess,
  escrows: EscrowClient,
  { client, aggregator, providers, escrow, opening, deposits }: Stage,
): Promise<Record<OtherName, TransactionCost>> {
  const send = async (transaction: SignedTransaction): Promise<TransactionCost> =>
    readTransaction(chain, await land(escrows, transaction));
  const [provider] = providers;
  const [deposit] = deposits;
  if (provider === undefined || deposit === undefined) throw new Error("nobody has put up a bond");
  const topUp = { escrow, funder: client, amount: TOP_UP };
  // One without a token account, which the slash makes.
  const reporter = await createSeedSigner(randomBytes(32));
  const slash = {
    provider: provider.address,
    mint: chain.mint,
    reporter: reporter.address,
    evidence: await contradict(provider),
  };
  return {
    open: await readTransaction(chain, opening),
    "top up": await send(await escrows.prepareTopUp(topUp, { fee_payer: client })),
    "bond deposit": await readTransaction(chain, deposit),
    refund: await send(await escrows.prepareRefund({ escrow, aggregator }, { fee_payer: aggregator })),
    slash: await send(await escrows.prepareSlash(slash, { fee_payer: aggregator })),
  };
}

/** Two roots that a provider signed for one context. */
async function contradict(provider: Signer): Promise<[SignedCommitment, SignedCommitment]> {
  const context_hash = randomBytes(32);
  const commit = async (): Promise<SignedCommitment> => {
    const root = randomBytes(32);
    return { context_hash, root, signature: await provider.sign(commitmentMessage(context_hash, root)) };
  };
  return [await commit(), await commit()];
}
