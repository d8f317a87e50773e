import type { LedgerAccountName, Transfer, Unit } from "@infernet/schemas/ledger";
import type { PayoutOrder } from "@infernet/schemas/payout";
import { type SolanaAddress, solanaHex } from "@infernet/schemas/solana";
import { account, transfer } from "../books/entries.ts";

/** What payouts come from: an escrow, or null for the operator's own funds. */
export type Place = SolanaAddress | null;

/**
 * A treasury's book. For each place: what came in (`deposits`) lies in `funds` until a provider is owed it (`owed`) and was
 * sent it (`paid`). The aggregator's fee leaves the place with a payment (`collected`) and is earned (`fees`) by the
 * payouts that were paid: a payment that passes a payee over may have collected a little ahead. `others` is what left the
 * place by other hands, as far as the operator has acknowledged it. So `paid`, `collected`, `fees` and `others` come
 * to what the chain says was released, and `funds` and `owed` to what it says is there.
 */
export const PARTS = ["deposits", "funds", "owed", "paid", "collected", "fees", "others"] as const;
export type Part = (typeof PARTS)[number];

export const accountOf = (part: Part, place: Place): LedgerAccountName =>
  account(`${part}:${place === null ? "none" : solanaHex(place)}`);

/**
 * Deposits come from outside the book; of the operator's own funds it knows no deposits, and payouts may be ordered before
 * a deposit has been seen; what others took may turn out to be less.
 */
export const isOutsideTreasury = (name: LedgerAccountName): boolean => /^(deposits|funds|others):/.test(name);

interface Entry {
  id: string;
  from: Part;
  to: Part;
  amount: bigint;
  at_ms: number;
}

/** A transfer between two parts of a place; none for an amount of 0. */
const between = (unit: Unit, place: Place, { id, from, to, amount, at_ms }: Entry): Transfer[] =>
  amount === 0n
    ? []
    : [
        transfer({
          id,
          unit,
          debit: accountOf(from, place),
          credit: accountOf(to, place),
          amount,
          at_ms,
        }),
      ];

/** @param deposited all that ever came in, as the chain says now @param known the same, as the book says */
export const bookDeposit = (
  unit: Unit,
  escrow: SolanaAddress,
  { deposited, known }: { deposited: bigint; known: bigint },
  at_ms: number,
): Transfer[] =>
  between(unit, escrow, {
    id: `deposit:${solanaHex(escrow)}:${deposited}`,
    from: "deposits",
    to: "funds",
    amount: deposited - known,
    at_ms,
  });

export const bookOrder = ({ id, unit, escrow, micro }: PayoutOrder, at_ms: number): Transfer[] =>
  between(unit, escrow, { id: `order:${id}`, from: "funds", to: "owed", amount: BigInt(micro), at_ms });

export const bookReturned = ({ id, unit, escrow, micro }: PayoutOrder, at_ms: number): Transfer[] =>
  between(unit, escrow, { id: `return:${id}`, from: "owed", to: "funds", amount: BigInt(micro), at_ms });

/** @param fee what of the payout's fee is earned by it: what was collected must cover it */
export const bookPaid = (
  { id, unit, escrow, micro }: PayoutOrder,
  fee: bigint,
  at_ms: number,
): Transfer[] => [
  ...between(unit, escrow, { id: `paid:${id}`, from: "owed", to: "paid", amount: BigInt(micro), at_ms }),
  ...between(unit, escrow, { id: `fee:${id}`, from: "collected", to: "fees", amount: fee, at_ms }),
];

/** What a payment took for the aggregator. @param id of the payment, or of a payout that was paid by hand */
export const bookCollected = (
  id: string,
  { unit, place }: { unit: Unit; place: Place },
  fee: bigint,
  at_ms: number,
): Transfer[] =>
  between(unit, place, { id: `collected:${id}`, from: "funds", to: "collected", amount: fee, at_ms });

/**
 * What the operator acknowledges to have left a place by other hands; a negative amount came back.
 * @param id of this acknowledgement
 */
export const bookOthers = (
  id: string,
  { unit, place }: { unit: Unit; place: Place },
  amount: bigint,
  at_ms: number,
): Transfer[] =>
  amount < 0n
    ? between(unit, place, { id: `others:${id}`, from: "others", to: "funds", amount: -amount, at_ms })
    : between(unit, place, { id: `others:${id}`, from: "funds", to: "others", amount, at_ms });

/** Deposits that turned out not to be there, acknowledged. @param id of this acknowledgement */
export const bookLoss = (
  id: string,
  { unit, place }: { unit: Unit; place: Place },
  amount: bigint,
  at_ms: number,
): Transfer[] => between(unit, place, { id: `loss:${id}`, from: "funds", to: "deposits", amount, at_ms });
