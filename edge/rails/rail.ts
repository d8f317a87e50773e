import type { RunnerId } from "@infernet/schemas/ids";
import type { Unit } from "@infernet/schemas/ledger";
import type { SolanaAddress } from "@infernet/schemas/solana";
import type { BondDesk } from "./bond-desk.ts";

/** What a rail can do. Rules ask for these, never for a rail's name. */
export interface RailCapabilities {
  unit: Unit;
  /** Whether less than all of a place can be paid out, and the rest stays to be paid later. */
  partial_capture: boolean;
  /** Whether one payment can reach several payees. */
  many_payees: boolean;
  /** Whether providers stake money on it, and are paid only with such a stake. */
  bonds: boolean;
  /** Whether clients' money lies in escrows of theirs. */
  escrows: boolean;
  /** The least that is worth a payment, in the unit's smallest parts. */
  smallest_payment: bigint;
  payees_per_payment: number;
}

export interface Payee {
  provider: RunnerId;
  /** What the provider registered; null where it registered none. */
  address: string | null;
}

/**
 * Whether a payee can be paid now. `missing`: it has no account or address that could be paid. `frozen`: it has, and may
 * not be paid into. `unbonded`: it has no stake, too small a one, or one that is about to leave.
 */
export interface PayeeCheck {
  state: "ready" | "missing" | "frozen" | "unbonded";
  /** Why it cannot be paid, for people; empty when it is ready. */
  detail: string;
}

export interface PaymentShare extends Payee {
  amount: bigint;
}

/**
 * What decides which payment a payment is, fixed before anything is signed for it: signed again after an expiry it names
 * the same numbers, so that the chain takes one of them at most.
 */
export interface PlaceTerms {
  escrow: SolanaAddress;
  /** What tells this escrow from another that has its address later. */
  opened: string;
  /** The payment's number among those of the escrow. */
  sequence: number;
  /** The client's word on how much may be released. */
  voucher: string;
}

export interface PaymentTerms {
  /** Null: the operator's own funds. */
  place: PlaceTerms | null;
  shares: readonly PaymentShare[];
  /** For the aggregator, beside the shares. */
  fee: bigint;
}

/** What came of preparing a payment. Nothing has left. */
export type Preparation =
  /** `step` is the rail's own text, to be stored before `advance` sees it. */
  | { kind: "prepared"; step: string }
  /** A payment of this number has happened: one of the steps prepared before under it, or one by other hands. */
  | { kind: "superseded" }
  /** It would fail: ask about payees and place again. */
  | { kind: "refused"; detail: string };

/** How a prepared payment stands. A timeout, an error, a refusal on the way are `unknown`, never `failed`. */
export type PaymentOutcome =
  /** It may happen and it may not. `detail` is a forecast, if somebody gave one. */
  | { state: "unknown"; detail: string | null }
  /** It has happened, and may still be undone. */
  | { state: "pending" }
  | {
      /** It has happened for good. */
      state: "done";
      reference: string;
      /** For each share, whether its payee was paid or passed over. */
      paid: readonly boolean[];
      /** What the aggregator got. */
      fee: bigint;
      /** Where on the chain it landed, to tell later reads from earlier ones. */
      position: number;
    }
  /** It has failed for good and moved nothing. */
  | { state: "failed"; detail: string; position: number }
  /** It did not happen and never will: now, and only now, it may be prepared anew under the same terms. */
  | { state: "expired" }
  /** The rail can tell no more: the operator says for each payout what became of it. */
  | { state: "handed_over"; reference: string | null; detail: string; position: number };

/** An escrow as the chain has it for good. Amounts in the unit's smallest parts. */
export interface EscrowState {
  escrow: SolanaAddress;
  client: SolanaAddress;
  opened: string;
  /** All that ever came in. */
  deposited: bigint;
  /** All that was released, fees included. */
  paid: bigint;
  /** How many payments it has made: the number of the next one. */
  sequence: number;
  fee_bps: number;
  min_bond: bigint;
  deadline_ms: number;
  /** Where on the chain this was read. */
  position: number;
}

export interface EscrowOffer {
  escrow: SolanaAddress;
  voucher: string;
  /** This deployment's fee: the escrow must allow it. */
  fee_bps: number;
  now_ms: number;
}

/** What a rail with escrows knows of them. All of it can throw `chain_unavailable` and `chain_contradicts`. */
export interface EscrowDesk {
  /** Null when there is no such escrow any more, or never was. */
  read(escrow: SolanaAddress): Promise<EscrowState | null>;
  /**
   * Checks everything about an escrow and its voucher that can be checked without knowing other escrows. Throws
   * `escrow_unknown`, `escrow_mint`, `escrow_aggregator`, `escrow_payees`, `escrow_fee`, `escrow_expired` and
   * `voucher_invalid`.
   */
  admit(offer: EscrowOffer): Promise<EscrowState & { limit: bigint }>;
}

/**
 * A way to move money of one unit. Money moves in three steps: `prepare` makes a step and sends nothing; the caller stores
 * it; `advance` looks and sends, and is called with the stored step until the outcome is an end, however often, by whoever
 * has it. So a crash between any two lines pays neither twice nor never.
 */
export interface Rail {
  readonly capabilities: RailCapabilities;
  readonly escrows: EscrowDesk | null;
  /** Absent on a rail without bonds. */
  readonly bonds?: BondDesk;
  /** One check for each payee, in their order. Throws `chain_unavailable` and `chain_contradicts`. */
  checkPayees(place: EscrowState | null, payees: readonly Payee[]): Promise<PayeeCheck[]>;
  /** Throws `chain_unavailable` and `chain_contradicts`. */
  prepare(terms: PaymentTerms): Promise<Preparation>;
  /** Throws `chain_contradicts`. */
  advance(step: string): Promise<PaymentOutcome>;
}
