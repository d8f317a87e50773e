import { randomBytes } from "node:crypto";
import type { Address } from "@infernet/escrow/client/address";
import type { EscrowClient } from "@infernet/escrow/client/escrow-client";
import type { Signer } from "@infernet/escrow/client/signer";
import { EscrowRegistration } from "@infernet/schemas/escrow";
import type { ApiClient } from "../network/api-client.ts";
import { type ChainProcess, startChain } from "./chain-process.ts";
import { openEscrow, openEscrowClient } from "./escrow.ts";
import { createWallet } from "./wallet.ts";

/** A chain that an edge can settle on, with the key of its aggregator. */
export interface SettlementChain {
  chain: ChainProcess;
  escrows: EscrowClient;
  aggregator: Signer;
  /** What the edge must know of the chain. */
  environment: Record<string, string>;
}

export async function startSettlementChain(): Promise<SettlementChain> {
  const chain = await startChain();
  const seed = randomBytes(32);
  return {
    chain,
    escrows: openEscrowClient(chain),
    aggregator: await createWallet(chain, 0n, seed),
    environment: {
      SOLANA_RPC_URLS: chain.url,
      SOLANA_GENESIS_HASH: chain.genesis_hash,
      SOLANA_PROGRAM: chain.program,
      SOLANA_MINT: chain.mint,
      AGGREGATOR_PRIVATE_KEY: seed.toString("base64"),
    },
  };
}

/** An escrow that an account's jobs are paid from. */
export interface JobEscrow {
  address: Address;
  /** The transaction that opened it. */
  opened: string;
}

const FEE_BPS = 100;

/** A client locks a deposit for a week, and lets its account at the edge pay jobs from it. */
export async function depositForJobs(
  { chain, escrows, aggregator }: SettlementChain,
  api: ApiClient,
  deposit: { client: Signer; amount: bigint; min_bond: bigint },
): Promise<JobEscrow> {
  const { escrow, voucher, transaction } = await openEscrow(escrows, chain, {
    ...deposit,
    aggregator: aggregator.address,
    fee_bps: FEE_BPS,
  });
  const registration = EscrowRegistration.parse({ escrow, voucher });
  const { status, body } = await api.send("POST", "/account/escrows", registration);
  if (status !== 200) throw new Error(`POST /account/escrows answered ${status}: ${JSON.stringify(body)}`);
  return { address: escrow, opened: transaction };
}
