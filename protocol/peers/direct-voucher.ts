import { LIMITS } from "@infernet/schemas/limits";
import { DirectRefused } from "@infernet/schemas/peer/direct-refusal";

/** An escrow as the chain has it, in whole base units of its mint, which are micro-units. */
export interface DirectEscrow {
  address: string;
  aggregator: string;
  mint: string;
  /** Whether the provider is the only one who can be paid from it. */
  isForProviderAlone: boolean;
  opened_slot: bigint;
  /** Unix seconds. */
  deadline: bigint;
  /** Everything that ever came in. */
  deposited: bigint;
  /** Everything that was released. */
  paid: bigint;
}

export interface VoucherTerms {
  provider: string;
  mint: string;
  now_ms: number;
}

/**
 * Whether an escrow can pay this provider. Money leaves such an escrow only to the provider until the deadline, so what is
 * found here holds until then. Throws DirectRefused `payment_invalid`.
 */
export function assertEscrow(escrow: DirectEscrow, { provider, mint, now_ms }: VoucherTerms): void {
  const { address } = escrow;
  if (escrow.aggregator !== provider)
    refuse(`the escrow ${address} names the aggregator ${escrow.aggregator}; it must name ${provider}`);
  if (!escrow.isForProviderAlone)
    refuse(`the escrow ${address} must commit to one payee, ${provider}, and to nobody else`);
  if (escrow.mint !== mint) refuse(`the escrow ${address} holds ${escrow.mint}; it must hold ${mint}`);
  const left_ms = Number(escrow.deadline) * 1_000 - now_ms;
  if (left_ms < LIMITS.direct_escrow_ms_min)
    refuse(
      `the escrow ${address} lasts ${Math.max(0, Math.floor(left_ms / 1_000))} s; at least ${LIMITS.direct_escrow_ms_min / 1_000} are needed`,
    );
}

/**
 * What the next voucher must allow at least: all that was promised on the escrow, and the price.
 *
 * @param promised by vouchers that were taken for jobs that were done
 */
export const limitWanted = (paid: bigint, promised: bigint, price: bigint): bigint =>
  (paid > promised ? paid : promised) + price;

/** Whether a voucher covers what is wanted, and the escrow the voucher. Throws DirectRefused `payment_invalid`. */
export function assertVoucher(
  escrow: DirectEscrow,
  voucher: { escrow: string; opened_slot: bigint; limit: bigint },
  wanted: bigint,
): void {
  if (voucher.escrow !== escrow.address)
    refuse(`the voucher is for ${voucher.escrow}; the offer names the escrow ${escrow.address}`);
  if (voucher.opened_slot !== escrow.opened_slot)
    refuse(`the voucher is for slot ${voucher.opened_slot}; the escrow was opened at ${escrow.opened_slot}`);
  if (voucher.limit < wanted)
    refuse(`the voucher allows ${voucher.limit}; with this job it must be ${wanted}`);
  if (wanted > escrow.deposited)
    refuse(`${wanted} would be promised by then; the escrow has had ${escrow.deposited} in all`);
}

function refuse(detail: string): never {
  throw new DirectRefused("payment_invalid", detail);
}
