import { listRipe, moveEarnings } from "@infernet/db/provider/earnings";
import type { ProviderDb } from "@infernet/db/provider/store";
import { ripenAll } from "@infernet/protocol/books/earning-rules";
import { LIMITS } from "@infernet/schemas/limits";
import { postToBook } from "./book-earnings.ts";

/** Makes payable what is held no longer. In the caller's transaction. Whether something was. */
export function ripenEarnings(db: ProviderDb, now_ms: number): boolean {
  const ripe = listRipe(db, now_ms, LIMITS.earnings_ripened_at_once);
  if (ripe.length === 0) return false;
  postToBook(db, ripenAll(ripe, now_ms));
  moveEarnings(
    db,
    ripe.map(({ job_id }) => job_id),
    "payable",
    null,
  );
  return true;
}
