import { randomBytes } from "node:crypto";
import type { Address } from "@infernet/escrow/client/address";
import type { EscrowClient } from "@infernet/escrow/client/escrow-client";
import { createSeedSigner, type Signer } from "@infernet/escrow/client/signer";
import { EscrowRegistration } from "@infernet/schemas/escrow";
import { type ChainProcess, startChain } from "../chain/chain-process.ts";
import { bond, openEscrow, openEscrowClient, walletOf } from "../chain/escrow.ts";
import { createWallet, fundWallet, readTokens } from "../chain/wallet.ts";
import type { ApiClient } from "../network/api-client.ts";
import type { RunnerProcess } from "../network/runner-process.ts";

/** Base units of the coin: a millionth of a dollar each. */
const WALLET = 25_000_000n;
const DEPOSIT = 20_000_000n;
const BOND = 1_000_000n;
const FEE_BPS = 100;

/** Everything on the chain that belongs to the demo. */
export interface DemoMoney {
  chain: ChainProcess;
  escrows: EscrowClient;
  client: Signer;
  aggregator: Signer;
  /** What the edge must know of the chain. */
  environment: Record<string, string>;
}

/** A chain, the aggregator's key, and a client whose wallet holds test dollars. */
export async function startDemoMoney(): Promise<DemoMoney> {
  const chain = await startChain();
  const seed = randomBytes(32);
  const aggregator = await createSeedSigner(seed);
  await fundWallet(chain, aggregator.address, 0n);
  return {
    chain,
    escrows: openEscrowClient(chain),
    client: await createWallet(chain, WALLET),
    aggregator,
    environment: {
      SOLANA_RPC_URLS: chain.url,
      SOLANA_GENESIS_HASH: chain.genesis_hash,
      SOLANA_PROGRAM: chain.program,
      SOLANA_MINT: chain.mint,
      AGGREGATOR_PRIVATE_KEY: seed.toString("base64"),
    },
  };
}

/** Has every runner put up its bond, and be paid into its own wallet. */
export async function bondRunners(
  { chain, escrows }: DemoMoney,
  runners: readonly RunnerProcess[],
): Promise<void> {
  await Promise.all(
    runners.map(async (runner) => {
      const provider = await walletOf(runner);
      await fundWallet(chain, provider.address, BOND);
      await bond(escrows, chain, { provider, amount: BOND, payout: provider.address });
    }),
  );
}

export interface DemoEscrow {
  address: Address;
  /** The transaction that opened it. */
  opened: string;
}

/** The client locks its deposit for a week, and lets its account at the edge pay jobs from it. */
export async function depositForJobs(
  { chain, escrows, client, aggregator }: DemoMoney,
  api: ApiClient,
): Promise<DemoEscrow> {
  const { escrow, voucher, transaction } = await openEscrow(escrows, chain, {
    client,
    aggregator: aggregator.address,
    amount: DEPOSIT,
    min_bond: BOND,
    fee_bps: FEE_BPS,
  });
  const registration = EscrowRegistration.parse({ escrow, voucher });
  const { status, body } = await api.send("POST", "/account/escrows", registration);
  if (status !== 200) throw new Error(`POST /account/escrows answered ${status}: ${JSON.stringify(body)}`);
  return { address: escrow, opened: transaction };
}

/** What somebody has on the chain, in base units. */
export interface Balance {
  who: string;
  micro: bigint;
}

/** Wallets, the escrow's vault and the bonds that are paid into, as the chain has them. */
export async function readBalances(
  { chain, escrows, client, aggregator }: DemoMoney,
  escrow: DemoEscrow,
  runners: readonly RunnerProcess[],
): Promise<Balance[]> {
  const of = async (who: string, owner: string): Promise<Balance> => ({
    who,
    micro: await readTokens(escrows, chain, owner),
  });
  return Promise.all([
    of("the client's wallet", client.address),
    of("the escrow", escrow.address),
    ...runners.map(async (runner) => of(runner.name, (await walletOf(runner)).address)),
    of("the aggregator", aggregator.address),
  ]);
}
