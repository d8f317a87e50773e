import {
  EMPTY_SUMS,
  type LedgerAccount,
  type LedgerAccountName,
  type LedgerLookup,
  type Transfer,
  type Unit,
} from "@infernet/schemas/ledger";
import { decideTransfers } from "../decide-transfers.ts";

/** A ledger that is only in memory. Accounts whose names start with `outside` may be negative. */
export class MemoryLedger implements LedgerLookup {
  readonly accounts = new Map<string, LedgerAccount>();
  readonly transfers = new Map<string, Transfer>();

  account(name: LedgerAccountName, unit: Unit): LedgerAccount {
    return (
      this.accounts.get(`${name} ${unit}`) ?? {
        name,
        unit,
        ...EMPTY_SUMS,
        may_be_negative: name.startsWith("outside"),
      }
    );
  }

  transfer(id: string): Transfer | null {
    return this.transfers.get(id) ?? null;
  }

  settlement(pending: string): Transfer | null {
    return [...this.transfers.values()].find((transfer) => transfer.pending === pending) ?? null;
  }

  post(...transfers: Transfer[]): "posted" | "replayed" {
    const decision = decideTransfers(this, transfers);
    if (decision.kind === "replayed") return "replayed";
    for (const account of decision.accounts) this.accounts.set(`${account.name} ${account.unit}`, account);
    for (const transfer of decision.transfers) this.transfers.set(transfer.id, transfer);
    return "posted";
  }
}
