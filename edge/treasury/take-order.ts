import { insertPayout, readPayout } from "@infernet/db/treasury/payouts";
import { bookOrder } from "@infernet/protocol/settlement-batch/treasury-book";
import { InfernetError } from "@infernet/schemas/errors";
import type { PayoutOrder } from "@infernet/schemas/payout";
import { postToBook } from "./book.ts";
import type { TreasuryContext } from "./context.ts";

/** Takes an order, once. Throws `ledger_conflict` when one of its id has other content. */
export function takeOrder({ db, unit, transact, now }: TreasuryContext, order: PayoutOrder): void {
  if (order.unit !== unit)
    throw new InfernetError(
      "ledger_unit_mixed",
      `${order.id} is in ${order.unit}; this is the treasury of ${unit}`,
    );
  transact(() => {
    const known = readPayout(db, order.id);
    if (known === null) {
      postToBook(db, bookOrder(order, now()));
      insertPayout(db, order, now());
    } else if (!isSameOrder(known.order, order)) {
      throw new InfernetError(
        "ledger_conflict",
        `the payout ${order.id} was ordered with other content before`,
      );
    }
  });
}

const isSameOrder = (one: PayoutOrder, other: PayoutOrder): boolean => spell(one) === spell(other);

const spell = ({ id, provider, unit, escrow, micro, fee_micro, address, ordered_ms }: PayoutOrder): string =>
  JSON.stringify([id, provider, unit, escrow, micro, fee_micro, address, ordered_ms]);
