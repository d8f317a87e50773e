import type { MicroAmount } from "@infernet/schemas/money";
import type { DirectId } from "@infernet/schemas/peer/direct-offer";
import type { DirectPaid } from "@infernet/schemas/peer/direct-receipt";
import type { SolanaAddress } from "@infernet/schemas/solana";

/** Room on a client's escrow for the price of one job. */
export interface Reservation {
  /** The least that the job's voucher has to allow, in micro-units. */
  readonly limit_min: MicroAmount;
  /** Checks the voucher. Throws DirectRefused `payment_invalid`. */
  take(voucher: string | null): Promise<TakenVoucher>;
  /** The job is over, or will not be done. */
  free(): void;
}

export interface TakenVoucher {
  /** As it came. */
  text: string;
  paid: DirectPaid;
  /** Counts the job as owed. On disk when it resolves; twice for one job is once. */
  keep(): Promise<void>;
}

/** What takes clients' vouchers for a provider. `payment/escrow-desk.ts` is the one for Solana. */
export interface VoucherDesk {
  /** Throws DirectRefused `payment_invalid` for an escrow that cannot pay it, and `chain_unavailable`. */
  reserve(id: DirectId, escrow: SolanaAddress, price: bigint): Promise<Reservation>;
  /** Counts a job that was done before this process began. */
  restore(id: DirectId, voucher: string, price: bigint): Promise<void>;
}
