import type { EscrowClient } from "@infernet/escrow/client/escrow-client";
import type { ChainProcess } from "../../chain/chain-process.ts";
import { land } from "../../chain/escrow.ts";
import { SOLANA } from "../prices.ts";
import type { Stage } from "./open-stage.ts";
import { readTransaction, type TransactionCost } from "./read-transaction.ts";

/** Compute units that a release asks for, as the edge's rail has it. */
export const UNIT_LIMIT = 120_000;

const SHARE = 1_000n;
/** For the aggregator, of each payee's: within the escrow's 2 %. */
const FEE = 20n;

/** One release, sent without a priority fee and with it. */
export interface MeasuredRelease {
  payees: number;
  plain: TransactionCost;
  priority: TransactionCost;
}

/** Releases to so many payees each, by the aggregator with the client's voucher. */
export async function measureReleases(
  chain: ChainProcess,
  escrows: EscrowClient,
  stage: Stage,
  payees: readonly number[],
): Promise<MeasuredRelease[]> {
  const { aggregator, providers, escrow, voucher } = stage;
  let releases = 0;
  const release = async (count: number, unit_price: bigint): Promise<TransactionCost> => {
    const paid = providers.slice(0, count);
    if (paid.length < count) throw new Error(`there are ${providers.length} providers, not ${count}`);
    const transaction = await escrows.prepareRelease(
      {
        escrow,
        authority: aggregator,
        voucher,
        releases,
        fee: FEE * BigInt(count),
        shares: { kind: "bonded", shares: paid.map(({ address }) => ({ provider: address, amount: SHARE })) },
      },
      { fee_payer: aggregator, unit_limit: UNIT_LIMIT, unit_price },
    );
    releases += 1;
    return readTransaction(chain, await land(escrows, transaction));
  };
  const measured: MeasuredRelease[] = [];
  for (const count of payees) {
    const plain = await release(count, 0n);
    const priority = await release(count, SOLANA.priority_micro_lamports);
    measured.push({ payees: count, plain, priority });
  }
  return measured;
}
