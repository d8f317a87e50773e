import { InfernetError } from "@infernet/schemas/errors";
import type { LedgerLookup, Transfer } from "@infernet/schemas/ledger";

export type Settlement = Extract<Transfer, { kind: "commit" | "void" }>;

/**
 * The pending transfer that a commit or void settles. Throws `pending_unknown` when there is none, `pending_settled` when
 * another settled it, `ledger_unit_mixed`, `ledger_conflict` when the accounts differ, and `amount_invalid` on a commit
 * of more than was set aside or a void of another amount.
 */
export function checkSettlement(
  { transfer, settlement }: Pick<LedgerLookup, "transfer" | "settlement">,
  { id, kind, pending, debit, credit, unit, amount }: Settlement,
): Transfer {
  const held = transfer(pending);
  if (held?.kind !== "pending")
    throw new InfernetError("pending_unknown", `Transfer ${id} settles ${pending}, which is not pending.`);
  const earlier = settlement(pending);
  if (earlier !== null)
    throw new InfernetError(
      "pending_settled",
      `Transfer ${id} settles ${pending}, which ${earlier.id} settled with a ${earlier.kind}.`,
    );
  if (held.unit !== unit)
    throw new InfernetError(
      "ledger_unit_mixed",
      `Transfer ${id} settles ${held.unit} of ${pending} in ${unit}.`,
    );
  if (held.debit !== debit || held.credit !== credit)
    throw new InfernetError(
      "ledger_conflict",
      `Transfer ${id} is from ${debit} to ${credit}; ${pending}, which it settles, is from ${held.debit} to ${held.credit}.`,
    );
  if (kind === "commit" ? amount > held.amount : amount !== held.amount)
    throw new InfernetError(
      "amount_invalid",
      `Transfer ${id} is a ${kind} of ${amount} ${unit}; ${pending}, which it settles, set ${held.amount} aside.`,
    );
  return held;
}
