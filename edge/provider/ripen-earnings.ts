import { ripenHeld, sumRipe } from "@infernet/db/provider/earnings";
import type { ProviderDb } from "@infernet/db/provider/store";
import { ripen } from "@infernet/protocol/books/earning-rules";
import { postToBook } from "./book-earnings.ts";

/** Makes payable what is held no longer. In the caller's transaction. */
export function ripenEarnings(db: ProviderDb, now_ms: number): void {
  const ripe = sumRipe(db, now_ms);
  if (ripe.length === 0) return;
  postToBook(
    db,
    ripe.filter(({ micro }) => micro > 0n).map((sum) => ripen(sum, now_ms)),
  );
  ripenHeld(db, now_ms);
}
