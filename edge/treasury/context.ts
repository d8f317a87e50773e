import type { TreasuryDb } from "@infernet/db/treasury/store";
import type { RunnerId } from "@infernet/schemas/ids";
import type { Unit } from "@infernet/schemas/ledger";
import type { PayoutResult } from "@infernet/schemas/payout";
import type { Rail } from "../rails/rail.ts";

/** What the work of a treasury stands on: its store, its rail and the world around it. */
export interface TreasuryContext {
  unit: Unit;
  db: TreasuryDb;
  /** Null while the deployment is not set up for the unit: payouts wait then. */
  rail: () => Promise<Rail | null>;
  /** Writes of `work` happen together or not at all. */
  transact<T>(work: () => T): T;
  now(): number;
  /** A UUIDv7 in 32 hexadecimal digits. */
  uuid(): string;
  /** Rejects when the provider's object did not acknowledge; may be repeated. */
  tellProvider(provider: RunnerId, result: PayoutResult): Promise<unknown>;
  /** One line for whoever operates this. */
  warn(message: string, facts: Record<string, unknown>): void;
}
