import { readPayment, writePaidJob } from "@infernet/db/account/payments";
import type { AccountDb } from "@infernet/db/account/queries";
import { listDueReservations, postponeCheck } from "@infernet/db/account/reservations";
import type { JobId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { Settlement } from "@infernet/schemas/price";
import { settleFunds } from "./settle-funds.ts";

/** How a job stands with what was set aside for it: there is no such job, it goes on, or this is what it has cost. */
export type JobStanding = { kind: "unknown" } | { kind: "open" } | { kind: "over"; settlement: Settlement };

const NOTHING = { charged_micro: "0", refunded_micro: "0" };

/**
 * Asks the jobs that have not said for long what they cost. One that never came to be, because the request died between
 * the reservation and the job, gives everything back.
 */
export async function checkReservations(
  db: AccountDb,
  ask: (job: JobId) => Promise<JobStanding>,
  transact: (work: () => void) => void,
  now: () => number,
): Promise<void> {
  const due = listDueReservations(db, now(), LIMITS.reservations_checked_at_once);
  for (const { job_id } of due) {
    const standing = await ask(job_id);
    transact(() => {
      if (standing.kind === "open") postponeCheck(db, job_id, now() + LIMITS.reservation_check_ms);
      else settleFunds(db, job_id, standing.kind === "over" ? standing.settlement : NOTHING, now());
      // A transfer's id is used once: whoever goes on with the purchase needs another job's.
      if (standing.kind === "unknown" && readPayment(db)?.job_id === job_id) writePaidJob(db, null);
    });
  }
}
