import type { EscrowClient } from "@infernet/escrow/client/escrow-client";
import { signVoucher } from "@infernet/escrow/client/voucher";
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

/** A release to so many payees, which shows the client's voucher or is within one that was shown before. */
export interface ReleaseKind {
  payees: number;
  showsVoucher: boolean;
}

/** One release, sent without a priority fee and with it. */
export interface MeasuredRelease extends ReleaseKind {
  plain: TransactionCost;
  priority: TransactionCost;
}

/**
 * Releases by the aggregator. Those that show a voucher come first, each with one that is enough for itself alone; then one
 * that is not measured shows the escrow a voucher for all that is left.
 */
export async function measureReleases(
  chain: ChainProcess,
  escrows: EscrowClient,
  stage: Stage,
  kinds: readonly ReleaseKind[],
): Promise<MeasuredRelease[]> {
  const releaser = createReleaser(chain, escrows, stage);
  const measure = async (kind: ReleaseKind): Promise<MeasuredRelease> => {
    const plain = await releaser.release(kind, 0n);
    return { ...kind, plain, priority: await releaser.release(kind, SOLANA.priority_micro_lamports) };
  };
  const measured: MeasuredRelease[] = [];
  for (const kind of kinds.filter(({ showsVoucher }) => showsVoucher)) measured.push(await measure(kind));
  await releaser.release({ payees: 1, showsVoucher: false }, 0n);
  for (const kind of kinds.filter(({ showsVoucher }) => !showsVoucher)) measured.push(await measure(kind));
  return measured;
}

function createReleaser(chain: ChainProcess, escrows: EscrowClient, stage: Stage) {
  const { client, aggregator, providers, escrow, voucher } = stage;
  let releases = 0;
  let paid_before = 0n;
  return {
    async release({ payees, showsVoucher }: ReleaseKind, unit_price: bigint): Promise<TransactionCost> {
      const paid = providers.slice(0, payees);
      if (paid.length < payees) throw new Error(`there are ${providers.length} providers, not ${payees}`);
      const limit = paid_before + (SHARE + FEE) * BigInt(payees);
      const transaction = await escrows.prepareRelease(
        {
          escrow,
          authority: aggregator,
          voucher: showsVoucher ? await signVoucher(client, { ...voucher, limit }) : voucher,
          releases,
          fee: FEE * BigInt(payees),
          shares: {
            kind: "bonded",
            shares: paid.map(({ address }) => ({ provider: address, amount: SHARE })),
          },
        },
        { fee_payer: aggregator, unit_limit: UNIT_LIMIT, unit_price },
      );
      releases += 1;
      paid_before = limit;
      return readTransaction(chain, await land(escrows, transaction));
    },
  };
}
