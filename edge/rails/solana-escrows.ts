import { type Address, parseAddress } from "@infernet/escrow/client/address";
import type { EscrowClient } from "@infernet/escrow/client/escrow-client";
import { EscrowError } from "@infernet/escrow/client/escrow-error";
import type { Deposit } from "@infernet/escrow/client/escrow-reader";
import { parseVoucher, type SignedVoucher, verifyVoucher } from "@infernet/escrow/client/voucher";
import { InfernetError } from "@infernet/schemas/errors";
import { renderInstant } from "@infernet/schemas/instant";
import { LIMITS } from "@infernet/schemas/limits";
import { SolanaAddress } from "@infernet/schemas/solana";
import type { EscrowDesk, EscrowOffer, EscrowState } from "./rail.ts";
import { onChain } from "./translate-escrow-error.ts";

interface Expected {
  client: Pick<EscrowClient, "readDeposit">;
  mint: Address;
  aggregator: Address;
}

/** What is known of escrows on Solana, always of what is final there. */
export function createSolanaDesk({ client, mint, aggregator }: Expected): EscrowDesk {
  const find = (escrow: SolanaAddress): Promise<Deposit | null> =>
    onChain(async () => {
      try {
        return await client.readDeposit(parseAddress(escrow));
      } catch (error) {
        if (error instanceof EscrowError && error.code === "account_missing") return null;
        if (error instanceof EscrowError && error.code === "account_invalid")
          throw new InfernetError("escrow_unknown", `${error.message}.`);
        throw error;
      }
    });

  return {
    read: async (escrow) => {
      const deposit = await find(escrow);
      return deposit && stateOf(deposit);
    },
    admit: async (offer) => {
      const deposit = await find(offer.escrow);
      if (deposit === null)
        throw new InfernetError("escrow_unknown", `The chain has no escrow ${offer.escrow} that is final.`);
      const state = stateOf(deposit);
      assertTerms(deposit, state, offer, { mint, aggregator });
      return { ...state, limit: (await openVoucher(deposit, offer)).limit };
    },
  };
}

function assertTerms(
  { escrow }: Deposit,
  state: EscrowState,
  { fee_bps, now_ms }: EscrowOffer,
  { mint, aggregator }: Pick<Expected, "mint" | "aggregator">,
): void {
  if (escrow.mint !== mint)
    throw new InfernetError("escrow_mint", `The escrow holds ${escrow.mint}; jobs are paid in ${mint} here.`);
  if (escrow.aggregator !== aggregator)
    throw new InfernetError(
      "escrow_aggregator",
      `The escrow is for the aggregator ${escrow.aggregator}; this one is ${aggregator}.`,
    );
  if (escrow.payees.kind !== "bonded")
    throw new InfernetError(
      "escrow_payees",
      "The escrow pays a committed set of payees; here providers are paid that have bonded.",
    );
  if (escrow.fee_bps < fee_bps)
    throw new InfernetError(
      "escrow_fee",
      `The escrow allows a fee_bps of ${escrow.fee_bps}; this deployment's is ${fee_bps}.`,
    );
  const least_ms = now_ms + LIMITS.escrow_remaining_ms_min;
  if (state.deadline_ms < least_ms)
    throw new InfernetError(
      "escrow_expired",
      `The escrow's deadline is ${renderInstant(state.deadline_ms)}; it must be ${renderInstant(least_ms)} or later.`,
    );
}

/** Throws `voucher_invalid`. */
async function openVoucher({ escrow }: Deposit, offer: EscrowOffer): Promise<SignedVoucher> {
  const voucher = await onChain(async () => parseVoucher(offer.voucher));
  if (voucher.escrow !== escrow.address)
    throw new InfernetError("voucher_invalid", `The voucher is for ${voucher.escrow}.`);
  if (voucher.opened_slot !== escrow.opened_slot)
    throw new InfernetError(
      "voucher_invalid",
      `The voucher is for an escrow opened in slot ${voucher.opened_slot}; this one was in ${escrow.opened_slot}.`,
    );
  if (!(await verifyVoucher(escrow.client, voucher)))
    throw new InfernetError(
      "voucher_invalid",
      `${escrow.client} did not sign the voucher so that the chain takes it.`,
    );
  return voucher;
}

const stateOf = ({ escrow, deposited, slot }: Deposit): EscrowState => ({
  escrow: SolanaAddress.parse(escrow.address),
  client: SolanaAddress.parse(escrow.client),
  opened: escrow.opened_slot.toString(),
  deposited,
  paid: escrow.paid,
  sequence: escrow.releases,
  fee_bps: escrow.fee_bps,
  min_bond: escrow.payees.kind === "bonded" ? escrow.payees.min_bond : 0n,
  deadline_ms: Number(escrow.deadline) * 1_000,
  position: slot,
});
