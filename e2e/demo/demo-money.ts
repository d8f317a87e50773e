import type { Signer } from "@infernet/escrow/client/signer";
import { bond, walletOf } from "../chain/escrow.ts";
import {
  depositForJobs,
  type JobEscrow,
  type SettlementChain,
  startSettlementChain,
} from "../chain/settlement-chain.ts";
import { createWallet, fundWallet, readTokens } from "../chain/wallet.ts";
import type { ApiClient } from "../network/api-client.ts";
import type { RunnerProcess } from "../network/runner-process.ts";

/** Base units of the coin: a millionth of a dollar each. */
const WALLET = 25_000_000n;
const DEPOSIT = 20_000_000n;
const BOND = 1_000_000n;

/** Everything on the chain that belongs to the demo. */
export interface DemoMoney extends SettlementChain {
  client: Signer;
}

/** A chain, the aggregator's key, and a client whose wallet holds test dollars. */
export async function startDemoMoney(): Promise<DemoMoney> {
  const settlement = await startSettlementChain();
  return { ...settlement, client: await createWallet(settlement.chain, WALLET) };
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

/** The client's deposit, from which the demo's jobs are paid. */
export const openDemoEscrow = (money: DemoMoney, api: ApiClient): Promise<JobEscrow> =>
  depositForJobs(money, api, { client: money.client, amount: DEPOSIT, min_bond: BOND });

/** What somebody has on the chain, in base units. */
export interface Balance {
  who: string;
  micro: bigint;
}

/** Wallets and the escrow's vault, as the chain has them. */
export async function readBalances(
  { chain, escrows, client, aggregator }: DemoMoney,
  escrow: JobEscrow,
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
