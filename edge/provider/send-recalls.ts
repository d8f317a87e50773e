import {
  listRecalls,
  noteRecallFailure,
  type PendingRecall,
  removeRecall,
} from "@infernet/db/provider/recalls";
import type { ProviderDb } from "@infernet/db/provider/store";
import { createdMs } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";

/** After this nothing of a job is kept. */
const JOB_GONE_MS = LIMITS.job_deadline_ms_max + LIMITS.job_retention_ms;

export interface RecallsSent {
  /** Whether there are more to send. */
  left: boolean;
  /** Whether any of these was acknowledged. */
  progress: boolean;
}

/**
 * Sends some of the recalls that are owed. One is struck off once it is acknowledged, or when its job is no longer kept;
 * one that fails goes to the end of the line, so that it holds up no other.
 *
 * @param send rejects when it was not acknowledged; may be repeated
 */
export async function sendRecalls(
  db: ProviderDb,
  send: (recall: PendingRecall) => Promise<unknown>,
  now_ms: number,
): Promise<RecallsSent> {
  const owed = listRecalls(db, LIMITS.recalls_sent_at_once);
  const sent = await Promise.allSettled(
    owed.map(async (recall) => {
      if (createdMs(recall.job_id) + JOB_GONE_MS > now_ms) await send(recall);
    }),
  );
  for (const [n, { job_id }] of owed.entries()) {
    if (sent[n]?.status === "fulfilled") removeRecall(db, job_id);
    else noteRecallFailure(db, job_id);
  }
  return {
    left: listRecalls(db, 1).length > 0,
    progress: sent.some(({ status }) => status === "fulfilled"),
  };
}
