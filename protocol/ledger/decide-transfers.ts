import { InfernetError } from "@infernet/schemas/errors";
import {
  availableOf,
  LEDGER_AMOUNT_MAX,
  type LedgerAccount,
  type LedgerAccountName,
  type LedgerDecision,
  type LedgerLookup,
  type Transfer,
  type TransferId,
  type Unit,
} from "@infernet/schemas/ledger";
import { LIMITS } from "@infernet/schemas/limits";
import { checkSettlement } from "./check-settlement.ts";
import { sameTransfer } from "./same-transfer.ts";

/** Sums that a transfer adds to or takes from: the same on the debited account and on the credited one. */
interface Change {
  posted: bigint;
  pending: bigint;
}

/**
 * What a batch does to the ledger: all of it or nothing. Transfers apply in their order, so that one may spend what one
 * before it brings. A batch that was posted before changes nothing, however often it is repeated.
 *
 * Throws `ledger_conflict` on an id that has other content or was posted in another company, `funds_insufficient`,
 * `amount_invalid`, and for commits and voids `pending_unknown`, `pending_settled` and `ledger_unit_mixed`.
 */
export function decideTransfers(lookup: LedgerLookup, transfers: readonly Transfer[]): LedgerDecision {
  if (transfers.length > LIMITS.ledger_transfers_per_batch_max)
    throw new RangeError(
      `A batch of ${transfers.length} transfers is over the limit of ${LIMITS.ledger_transfers_per_batch_max}`,
    );
  if (isReplay(lookup, transfers)) return { kind: "replayed" };
  const accounts = new Map<string, LedgerAccount>();
  const take = (name: LedgerAccountName, unit: Unit): LedgerAccount => {
    const key = `${name} ${unit}`;
    const account = accounts.get(key) ?? { ...lookup.account(name, unit) };
    accounts.set(key, account);
    return account;
  };
  const batch = overlay(lookup);
  for (const transfer of transfers) {
    checkAmount(transfer);
    const change = changeOf(batch, transfer);
    const debit = take(transfer.debit, transfer.unit);
    const credit = take(transfer.credit, transfer.unit);
    debit.debits_posted += change.posted;
    debit.debits_pending += change.pending;
    credit.credits_posted += change.posted;
    credit.credits_pending += change.pending;
    checkFunds(debit, transfer);
    checkSums(debit.debits_posted + debit.debits_pending, debit, transfer);
    checkSums(credit.credits_posted + credit.credits_pending, credit, transfer);
    batch.add(transfer);
  }
  return { kind: "posted", accounts: [...accounts.values()], transfers };
}

/** Whether all of these are there already, word for word. Throws `ledger_conflict` when only some are, or one differs. */
function isReplay(lookup: LedgerLookup, transfers: readonly Transfer[]): boolean {
  const ids = new Set<TransferId>();
  let known = 0;
  for (const transfer of transfers) {
    const { id } = transfer;
    if (ids.has(id))
      throw new InfernetError("ledger_conflict", `Two transfers of one batch are called ${id}.`);
    ids.add(id);
    const before = lookup.transfer(id);
    if (before === null) continue;
    if (!sameTransfer(before, transfer))
      throw new InfernetError("ledger_conflict", `Transfer ${id} was posted with other content.`);
    known += 1;
  }
  if (known === 0 || known === transfers.length) return known === transfers.length;
  throw new InfernetError(
    "ledger_conflict",
    `${known} of the batch's ${transfers.length} transfers were posted before, in another batch.`,
  );
}

/** The ledger with what this batch has posted so far. */
function overlay(lookup: LedgerLookup) {
  const known = new Map<TransferId, Transfer>();
  const settled = new Map<TransferId, Transfer>();
  return {
    transfer: (id: TransferId) => known.get(id) ?? lookup.transfer(id),
    settlement: (pending: TransferId) => settled.get(pending) ?? lookup.settlement(pending),
    add(transfer: Transfer): void {
      known.set(transfer.id, transfer);
      if (transfer.pending !== null) settled.set(transfer.pending, transfer);
    },
  };
}

function changeOf(batch: Pick<LedgerLookup, "transfer" | "settlement">, transfer: Transfer): Change {
  const { amount } = transfer;
  switch (transfer.kind) {
    case "post":
      return { posted: amount, pending: 0n };
    case "pending":
      return { posted: 0n, pending: amount };
    case "commit":
      return { posted: amount, pending: -checkSettlement(batch, transfer).amount };
    case "void":
      return { posted: 0n, pending: -checkSettlement(batch, transfer).amount };
    default:
      return transfer satisfies never;
  }
}

function checkAmount({ id, amount, unit, debit, credit }: Transfer): void {
  if (debit === credit) throw new RangeError(`Transfer ${id} debits and credits one account, ${debit}`);
  if (amount > 0n && amount <= LEDGER_AMOUNT_MAX) return;
  throw new InfernetError(
    "amount_invalid",
    `Transfer ${id} has an amount of ${amount} ${unit}; 1 to ${LEDGER_AMOUNT_MAX} can be posted.`,
  );
}

function checkFunds(debit: LedgerAccount, { id, amount, unit }: Transfer): void {
  const available = availableOf(debit);
  if (debit.may_be_negative || available >= 0n) return;
  throw new InfernetError(
    "funds_insufficient",
    `Transfer ${id} needs ${amount} ${unit} of ${debit.name}, which has ${available + amount}: ${-available} ${unit} are missing.`,
  );
}

/** Pending amounts count as if they were posted: whatever is set aside can be committed. */
function checkSums(sum: bigint, { name }: LedgerAccount, { id, unit }: Transfer): void {
  if (sum <= LEDGER_AMOUNT_MAX) return;
  throw new InfernetError(
    "amount_invalid",
    `Transfer ${id} brings the sums of ${name} to ${sum} ${unit}; an account holds ${LEDGER_AMOUNT_MAX} at most.`,
  );
}
