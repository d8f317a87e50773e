import type { Address } from "@infernet/escrow/client/address";
import type { EscrowClient } from "@infernet/escrow/client/escrow-client";
import type { Signer } from "@infernet/escrow/client/signer";
import { parseVoucher, type SignedVoucher } from "@infernet/escrow/client/voucher";
import type { ChainProcess } from "../../chain/chain-process.ts";
import { bond, openEscrow } from "../../chain/escrow.ts";
import { createWallet } from "../../chain/wallet.ts";

const BOND = 1_000_000n;
const DEPOSIT = 10_000_000n;
const FEE_BPS = 200;

/** Bonded providers and an escrow that pays them, all with keys of their own. */
export interface Stage {
  client: Signer;
  aggregator: Signer;
  providers: Signer[];
  escrow: Address;
  voucher: SignedVoucher;
  /** Signatures of the transactions that it took. */
  opening: string;
  deposits: string[];
}

/** @param count providers that put up a bond */
export async function openStage(chain: ChainProcess, escrows: EscrowClient, count: number): Promise<Stage> {
  const client = await createWallet(chain, 2n * DEPOSIT);
  // Some tokens, so that the account is there which releases pay the fee to.
  const aggregator = await createWallet(chain, 1n);
  const providers: Signer[] = [];
  const deposits: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const provider = await createWallet(chain, BOND);
    deposits.push(await bond(escrows, chain, { provider, amount: BOND, payout: provider.address }));
    providers.push(provider);
  }
  const terms = { client, aggregator: aggregator.address, amount: DEPOSIT, min_bond: BOND, fee_bps: FEE_BPS };
  const { escrow, voucher, transaction } = await openEscrow(escrows, chain, terms);
  return {
    client,
    aggregator,
    providers,
    escrow,
    voucher: parseVoucher(voucher),
    opening: transaction,
    deposits,
  };
}
