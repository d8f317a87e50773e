import type { RunnerId } from "@infernet/schemas/ids";
import type { PayoutId } from "@infernet/schemas/payout";
import { batchFee } from "./batch-fee.ts";

/** A payout that waits to be sent. */
export interface DuePayout {
  id: PayoutId;
  provider: RunnerId;
  /** Where the provider wants it, if it said so. */
  address: string | null;
  amount: bigint;
  fee: bigint;
}

/** What one payment may hold, in the unit's smallest parts. */
export interface BatchBounds {
  payees_max: number;
  /** The least that all payees together get: less is not worth what sending it costs. */
  shared_min: bigint;
  /** What the place can give, the fee included; null where nothing bounds it. */
  available: bigint | null;
  fee_bps_max: number | null;
  /** Fees that were collected ahead. */
  collected: bigint;
}

/** What one payee gets in a payment, for one or more of its payouts. */
export interface Share {
  provider: RunnerId;
  address: string | null;
  amount: bigint;
  payouts: PayoutId[];
}

export interface Batch {
  shares: Share[];
  /** The aggregator's. */
  fee: bigint;
}

export type BatchChoice =
  | { kind: "pay"; batch: Batch; unaffordable: PayoutId[] }
  /** What there is comes to less than is worth a payment. */
  | { kind: "wait"; unaffordable: PayoutId[] };

/**
 * What goes into the next payment from a place: the payouts in their order, those of one payee at one address in one share,
 * until there are as many payees as fit. A payout that the place cannot give beside those before it waits, and lets smaller
 * ones behind it pass; it is `unaffordable` if the place could not give it alone.
 */
export function chooseBatch(payouts: readonly DuePayout[], bounds: BatchBounds): BatchChoice {
  const shares = new Map<string, Share>();
  const unaffordable: PayoutId[] = [];
  let shared = 0n;
  let due = 0n;
  for (const payout of payouts) {
    if (!affords(bounds, payout.amount, payout.fee)) {
      unaffordable.push(payout.id);
      continue;
    }
    const key = `${payout.provider} ${payout.address}`;
    const share = shares.get(key);
    if (share === undefined && shares.size >= bounds.payees_max) continue;
    if (!affords(bounds, shared + payout.amount, due + payout.fee)) continue;
    shares.set(key, addTo(share, payout));
    shared += payout.amount;
    due += payout.fee;
  }
  if (shares.size === 0 || shared < bounds.shared_min) return { kind: "wait", unaffordable };
  const batch = { shares: [...shares.values()], fee: batchFee({ ...bounds, shared, due }) };
  return { kind: "pay", batch, unaffordable };
}

function affords(bounds: BatchBounds, shared: bigint, due: bigint): boolean {
  if (bounds.available === null) return true;
  return shared + batchFee({ ...bounds, shared, due }) <= bounds.available;
}

const addTo = (share: Share | undefined, { provider, address, amount, id }: DuePayout): Share => ({
  provider,
  address,
  amount: (share?.amount ?? 0n) + amount,
  payouts: [...(share?.payouts ?? []), id],
});
