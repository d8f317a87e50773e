import type { PayablePlace } from "@infernet/schemas/earning";
import { InfernetError } from "@infernet/schemas/errors";
import type { RunnerId } from "@infernet/schemas/ids";
import { renderInstant } from "@infernet/schemas/instant";
import type { Transfer } from "@infernet/schemas/ledger";
import { LIMITS } from "@infernet/schemas/limits";
import { PayoutId, type PayoutOrder, type PayoutResult } from "@infernet/schemas/payout";
import { move } from "./provider-book.ts";

interface Payee {
  provider: RunnerId;
  /** Its payout address; null when it registered none. */
  address: string | null;
}

/**
 * The payout of what is payable of one unit from one place; null while that does not come to the minimum.
 *
 * @param uuid 32 hexadecimal digits, new at each call and sorting by time
 */
export function draftPayout(
  { unit, escrow, micro, fee }: PayablePlace,
  { provider, address }: Payee,
  minimum_micro: bigint,
  now_ms: number,
  uuid: string,
): PayoutOrder | null {
  if (micro < minimum_micro || micro === 0n) return null;
  return {
    id: PayoutId.parse(`pay_${uuid}`),
    provider,
    unit,
    escrow,
    micro: micro.toString(),
    fee_micro: fee.toString(),
    address,
    ordered_ms: now_ms,
  };
}

/** How an order moves the book. */
export const openPayout = ({ id, unit, micro, ordered_ms }: PayoutOrder): Transfer =>
  move({ id: `order:${id}`, unit, amount: BigInt(micro), at_ms: ordered_ms }, "payable", "ordered");

/** How a payout that came out moves the book: it was paid, or is payable again. */
export function closePayout({ id, unit, micro }: PayoutOrder, result: PayoutResult): Transfer {
  const entry = { unit, amount: BigInt(micro), at_ms: result.at_ms };
  return result.state === "paid"
    ? move({ ...entry, id: `paid:${id}` }, "ordered", "paid")
    : move({ ...entry, id: `returned:${id}` }, "ordered", "payable");
}

/**
 * A changed payout address waits: whoever stole a machine's key cannot send what it earned elsewhere before its owner has
 * noticed. Throws `payout_cooling`. @param changed_ms when it was changed last, in Unix ms; null: never
 */
export function assertCooled(changed_ms: number | null, now_ms: number): void {
  if (!isCooling({ payout_changed_ms: changed_ms }, now_ms)) return;
  const until = renderInstant((changed_ms ?? 0) + LIMITS.payout_cooling_ms);
  throw new InfernetError(
    "payout_cooling",
    `the payout address was changed less than ${LIMITS.payout_cooling_ms / 3_600_000} hours ago; payouts go on at ${until}`,
  );
}

/** Whether the payout address was changed so short a while ago that nothing is sent. */
export const isCooling = (
  { payout_changed_ms }: { payout_changed_ms: number | null },
  now_ms: number,
): boolean => payout_changed_ms !== null && now_ms < payout_changed_ms + LIMITS.payout_cooling_ms;
