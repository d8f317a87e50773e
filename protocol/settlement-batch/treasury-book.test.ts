import { formatRunnerId } from "@infernet/schemas/ids";
import { balanceOf, type LedgerAccountName, Unit } from "@infernet/schemas/ledger";
import { PayoutOrder } from "@infernet/schemas/payout";
import { SolanaAddress } from "@infernet/schemas/solana";
import { expect, it } from "vitest";
import { auditLedger } from "../ledger/audit-ledger.ts";
import { MemoryLedger } from "../ledger/testing/memory-ledger.ts";
import {
  accountOf,
  bookCollected,
  bookDeposit,
  bookOrder,
  bookOthers,
  bookPaid,
  bookReturned,
  isOutsideTreasury,
  PARTS,
} from "./treasury-book.ts";

class TreasuryLedger extends MemoryLedger {
  override account(name: LedgerAccountName, unit: Unit) {
    return { ...super.account(name, unit), may_be_negative: isOutsideTreasury(name) };
  }
}

const UNIT = Unit.parse("usdc:solana");
const ESCROW = SolanaAddress.parse("4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU");
const order = (n: number, micro: string): PayoutOrder =>
  PayoutOrder.parse({
    id: `pay_${n.toString(16).padStart(32, "0")}`,
    provider: formatRunnerId(new Uint8Array(32).fill(n)),
    unit: UNIT,
    escrow: ESCROW,
    micro,
    fee_micro: "10",
    address: null,
    ordered_ms: 1,
  });

it("what was released is what was paid, collected, earned and taken by others; the rest is there", () => {
  const ledger = new TreasuryLedger();
  const place = { unit: UNIT, place: ESCROW };
  const [one, two, three] = [order(1, "500"), order(2, "300"), order(3, "100")];
  ledger.post(...bookDeposit(UNIT, ESCROW, { deposited: 1_000n, known: 0n }, 1));
  for (const each of [one, two, three]) ledger.post(...bookOrder(each, 2));
  ledger.post(...bookCollected("pmt_1", place, 15n, 3));
  ledger.post(...bookPaid(one, 10n, 3));
  ledger.post(...bookReturned(three, 4));
  ledger.post(...bookOthers("ack", place, 40n, 5));
  ledger.post(...bookOthers("ack2", place, -5n, 6));
  expect(bookDeposit(UNIT, ESCROW, { deposited: 1_000n, known: 1_000n }, 7)).toEqual([]);

  const sums = Object.fromEntries(
    PARTS.map((part) => [part, balanceOf(ledger.account(accountOf(part, ESCROW), UNIT))]),
  );
  expect(sums).toEqual({
    deposits: -1_000n,
    funds: 150n,
    owed: 300n,
    paid: 500n,
    collected: 5n,
    fees: 10n,
    others: 35n,
  });
  expect(auditLedger(ledger.accounts.values(), ledger.transfers.values())).toEqual([]);
});

it("a payout that was paid cannot be returned, nor the other way round", () => {
  const ledger = new TreasuryLedger();
  ledger.post(...bookOrder(order(1, "500"), 1));
  ledger.post(...bookPaid(order(1, "500"), 0n, 2));
  expect(() => ledger.post(...bookReturned(order(1, "500"), 3))).toThrow("missing");
});
