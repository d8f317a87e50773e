import { Sha256 } from "@infernet/schemas/digest";
import { JobId } from "@infernet/schemas/ids";
import { Unit } from "@infernet/schemas/ledger";
import { SolanaAddress } from "@infernet/schemas/solana";
import type { AccountDb } from "./queries.ts";
import { payments } from "./schema.ts";

/** The payment that made an account, as it is stored before anything of it is sent. */
export interface StoredPayment
  extends Omit<
    typeof payments.$inferSelect,
    "id" | "request_sha256" | "payer" | "unit" | "escrow" | "job_id"
  > {
  id: Sha256;
  request_sha256: Sha256;
  payer: SolanaAddress;
  unit: Unit;
  escrow: SolanaAddress;
  job_id: JobId | null;
}

export function insertPayment(db: AccountDb, payment: StoredPayment): void {
  db.insert(payments).values(payment).run();
}

/** Null for an account that no payment made. */
export function readPayment(db: AccountDb): StoredPayment | null {
  const row = db.select().from(payments).get();
  if (row === undefined) return null;
  return {
    ...row,
    id: Sha256.parse(row.id),
    request_sha256: Sha256.parse(row.request_sha256),
    payer: SolanaAddress.parse(row.payer),
    unit: Unit.parse(row.unit),
    escrow: SolanaAddress.parse(row.escrow),
    job_id: row.job_id === null ? null : JobId.parse(row.job_id),
  };
}

/** How it came out: nothing changes after that. */
export function closePayment(
  db: AccountDb,
  { state, detail }: { state: "paid" | "failed"; detail: string | null },
): void {
  db.update(payments).set({ state, detail }).run();
}

/** Which job funds are set aside for; null: for none any more. */
export function writePaidJob(db: AccountDb, job_id: JobId | null): void {
  db.update(payments).set({ job_id }).run();
}
