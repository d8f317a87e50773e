import type { EncodedAccount } from "@solana/kit";
import type { TransactionMetadata } from "litesvm";
import type { Chain } from "./chain.ts";
import { tryOut } from "./execute.ts";
import type { TransactionError } from "./transaction-error.ts";
import type { WireTransaction } from "./wire-transaction.ts";

export interface Simulation {
  error: TransactionError | null;
  /** null when it was refused before it came to be executed. */
  meta: TransactionMetadata | null;
  /** The accounts it writes, as it would leave them. */
  accounts: readonly EncodedAccount[];
}

const refusal = (error: TransactionError): Simulation => ({ error, meta: null, accounts: [] });

export interface SimulationChecks {
  signatures: boolean;
  /** Whether the blockhash is valid and the transaction new. */
  blockhash: boolean;
}

/** What would become of a transaction, by the newest state. */
export function simulate(chain: Chain, wire: WireTransaction, checks: SimulationChecks): Simulation {
  if (checks.signatures && !wire.isSigned) return refusal("SignatureFailure");
  if (checks.blockhash) {
    // In the order of a validator: what was executed so long ago that its blockhash expired is no repeat to it.
    if (!chain.isBlockhashValid(wire.blockhash)) return refusal("BlockhashNotFound");
    if (chain.ledger.get(wire.signature)) return refusal("AlreadyProcessed");
  }
  return tryOut(chain.svm, wire, checks.signatures);
}
