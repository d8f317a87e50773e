import { Unit } from "@infernet/schemas/ledger";
import { MicroAmount } from "@infernet/schemas/money";
import type { InvitationTerms } from "@infernet/schemas/peer/invitation";

/** What an aggregator's own book is kept in. */
const CREDIT = Unit.parse("credit");

/**
 * What runners are told that work pays, by the setting that jobs are priced with: nothing where nothing is set.
 *
 * @param micro_per_core_hour as the environment has it; what is no amount is for the Worker to complain of
 */
export function readTerms(micro_per_core_hour: string | undefined): InvitationTerms {
  const amount = MicroAmount.safeParse(micro_per_core_hour ?? "0").data ?? "0";
  return amount === "0"
    ? { pay: "free" }
    : { pay: "priced", unit: CREDIT, micro_per_core_hour: MicroAmount.parse(amount) };
}
