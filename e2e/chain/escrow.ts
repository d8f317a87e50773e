import { randomBytes } from "node:crypto";
import { type Address, renderAddress } from "@infernet/escrow/client/address";
import { createEscrowClient } from "@infernet/escrow/client/create-escrow-client";
import { deriveEscrow } from "@infernet/escrow/client/derive-addresses";
import type { EscrowClient } from "@infernet/escrow/client/escrow-client";
import type { Signer } from "@infernet/escrow/client/signer";
import type { SignedTransaction } from "@infernet/escrow/client/transaction/signed-transaction";
import { renderVoucher, signVoucher } from "@infernet/escrow/client/voucher";
import { publicKeyOf } from "@infernet/schemas/ids";
import { findIdentity } from "infernet-runner/identity/identity";
import type { RunnerProcess } from "../network/runner-process.ts";
import type { ChainProcess } from "./chain-process.ts";

const PATIENCE_MS = 30_000;
const WEEK_S = 7 * 86_400;

export const openEscrowClient = ({ url, genesis_hash, program }: ChainProcess): EscrowClient =>
  createEscrowClient({ endpoints: [url], genesis_hash, program });

/** Sends a transaction and waits until it is finalized. Its signature. */
export async function land(client: EscrowClient, transaction: SignedTransaction): Promise<string> {
  const outcome = await client.settle(transaction, { patience_ms: PATIENCE_MS, step_ms: 50 });
  if (outcome.state === "landed") return transaction.signature;
  throw new Error(`the transaction ${transaction.signature} has not landed: ${JSON.stringify(outcome)}`);
}

interface Deposit {
  client: Signer;
  aggregator: Address;
  amount: bigint;
  min_bond: bigint;
  fee_bps: number;
}

/** Opens an escrow for a week that pays bonded providers, and signs that all of it may be released. */
export async function openEscrow(
  escrows: EscrowClient,
  { mint }: ChainProcess,
  { client, aggregator, amount, min_bond, fee_bps }: Deposit,
): Promise<{ escrow: Address; voucher: string; transaction: string }> {
  const id = randomBytes(32);
  const opening = await escrows.prepareOpen(
    {
      client,
      mint,
      aggregator,
      id,
      fee_bps,
      payees: { kind: "bonded", min_bond },
      deadline: BigInt(Math.floor(Date.now() / 1_000) + WEEK_S),
      amount,
    },
    { fee_payer: client },
  );
  const transaction = await land(escrows, opening);
  const escrow = deriveEscrow(escrows.program, client.address, id).address;
  const { opened_slot } = await escrows.readEscrow(escrow);
  const voucher = renderVoucher(await signVoucher(client, { escrow, opened_slot, limit: amount }));
  return { escrow, voucher, transaction };
}

/** The key of a runner as a wallet: its id is an address. */
export async function walletOf({ home, id }: Pick<RunnerProcess, "home" | "id">): Promise<Signer> {
  const identity = await findIdentity(home);
  return { address: renderAddress(publicKeyOf(id)), sign: async (message) => identity.sign(message) };
}

/** Puts up a runner's bond, from what its own wallet holds. @param payout whom releases pay for its work */
export async function bond(
  escrows: EscrowClient,
  { mint }: ChainProcess,
  { provider, amount, payout }: { provider: Signer; amount: bigint; payout: Address },
): Promise<string> {
  const deposit = await escrows.prepareBondDeposit(
    { provider, mint, amount, payout },
    { fee_payer: provider },
  );
  return land(escrows, deposit);
}
