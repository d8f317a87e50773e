import { readEscrow } from "@infernet/db/treasury/escrows";
import { InfernetError } from "@infernet/schemas/errors";
import type { Escrow } from "@infernet/schemas/escrow";
import { renderInstant } from "@infernet/schemas/instant";
import type { SolanaAddress } from "@infernet/schemas/solana";
import { sumOf } from "./book.ts";
import type { TreasuryContext } from "./context.ts";

/** A registered escrow as it was last read. Throws `escrow_unknown`. */
export function renderEscrow({ db, unit }: TreasuryContext, escrow: SolanaAddress): Escrow {
  const known = readEscrow(db, escrow);
  if (known === null)
    throw new InfernetError("escrow_unknown", `Nobody has registered the escrow ${escrow}.`);
  const { deposited, limit, paid, min_bond, fee_bps, deadline_ms, client } = known;
  const least = deposited < limit ? deposited : limit;
  const spendable = least - sumOf(db, unit, escrow, "others");
  return {
    escrow,
    object: "escrow",
    client,
    deposited_micro: deposited.toString(),
    limit_micro: limit.toString(),
    spendable_micro: (spendable > 0n ? spendable : 0n).toString(),
    paid_micro: paid.toString(),
    min_bond_micro: min_bond.toString(),
    fee_bps,
    deadline: renderInstant(deadline_ms),
  };
}
